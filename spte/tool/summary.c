// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>

#include "spte/tool/views.h"

static uint64_t slot_mib(const struct spte_slots *slots)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < slots->count; i++)
		if (!slots->slots[i].space)
			pages += slots->slots[i].pages;
	return pages / 256;
}

static void show_agreement(const struct reading *reading)
{
	const struct spte_snapshot *snapshot = &reading->snapshot;
	const uint64_t *kvm = snapshot->after;

	switch (reading->agreement) {
	case TOTALS_AGREE:
		puts("  KVM counts the same");
		break;
	case TOTALS_DIFFER:
		printf("  KVM COUNTS DIFFERENTLY: pages_4k %" PRIu64 ", pages_2m %" PRIu64 ", pages_1g %"
		       PRIu64 "\n", kvm[0], kvm[1], kvm[2]);
		break;
	case TOTALS_MOVED:
		puts("  KVM's counts moved while the tables were read: --freeze compares them exactly");
		break;
	case TOTALS_UNCOUNTED:
		puts(snapshot->partial ? "  only what vCPUs use now: this kernel tells no more" :
					 "  this KVM does not count its sptes");
		break;
	}
}

static void show_level(const struct spte_totals *totals, unsigned int i)
{
	printf("  %-6s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
	       "\n", spte_level_name(i + 1), totals->level[i].leaves, totals->level[i].writable,
	       totals->level[i].leaves - totals->level[i].writable, totals->level[i].executable,
	       totals->level[i].accessed, totals->level[i].dirty);
}

void view_summary(const struct reading *reading)
{
	const struct spte_snapshot *snapshot = &reading->snapshot;
	const struct spte_totals *totals = &reading->totals;

	printf("VM %d", reading->vm.pid);
	if (reading->vm.fd >= 0)
		printf(":%d", reading->vm.fd);
	printf(" (%s): %s%s, %u root%s", reading->command,
	       reading->reader->format.ept ? "EPT, " : "", reading_mmu(reading), snapshot->roots,
	       snapshot->roots == 1 ? "" : "s");
	if (snapshot->invalid_roots)
		printf(" (%u invalid)", snapshot->invalid_roots);
	printf(", %zu memslots, %" PRIu64 " MiB\n", reading->slots.count, slot_mib(&reading->slots));
	printf("  %-6s %10s %10s %10s %10s %10s %10s\n", "level", "sptes", "writable", "read-only",
	       "executable", "accessed", "dirty");
	for (unsigned int i = 0; i < SPTE_LEVELS; i++)
		show_level(totals, i);
	printf("  %" PRIu64 " tables, %" PRIu64 " MMIO sptes, read in %.1f ms\n", totals->tables,
	       totals->mmio, reading->seconds * 1e3);
	show_agreement(reading);
}
