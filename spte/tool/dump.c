// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spte/tool/leaves.h"
#include "spte/tool/views.h"

static void show_pte(struct primary *primary, uint64_t hva)
{
	struct primary_pte pte;

	if (!hva)
		puts("  -");
	else if (primary_lookup(primary, hva, &pte))
		puts("  cannot be read");
	else if (!pte.present)
		printf("  %s\n", pte.value ? "not present" : "none");
	else
		printf("  %-5s %#10" PRIx64 " %s\n", spte_level_name(pte.level), pte.pfn,
		       pte.writable ? "rw" : "r-");
}

static void show_leaf(const struct reading *reading, struct primary *primary,
		      const struct spte_leaf *leaf)
{
	const struct spte_format *format = &reading->reader->format;
	const struct spte_role *role = &leaf->table->role;
	uint64_t hva = reading_hva(reading, leaf);
	char flags[16];

	spte_flags_text(format, leaf->spte, flags);
	printf("%#12" PRIx64 " %#16" PRIx64 " ", leaf->gfn, hva);
	if (leaf->state == SPTE_MMIO)
		printf("MMIO  %10s %-10s", "", "");
	else
		printf("%-5s %#10" PRIx64 " %s", spte_level_name(leaf->level),
		       spte_pfn(format, leaf->spte), flags);
	printf(" %c%c%c", role->space ? 's' : '-', role->guest_mode ? 'n' : '-',
	       role->invalid ? 'i' : '-');
	show_pte(primary, hva);
}

int view_dump(const struct reading *reading, const struct options *options)
{
	struct primary *primary = malloc(sizeof(*primary));
	size_t count = 0;
	int err = 0;
	struct spte_leaf *leaves = leaves_sorted(reading, options, &count, &err);

	if (!primary)
		err = reader_fail(reading->reader, -ENOMEM, "out of memory");
	if (!err)
		err = primary_open(primary, reading->reader, reading->vm.mm);
	if (!err)
		printf("%12s %16s %-5s %10s %-10s %s  %-5s %10s\n", "gfn", "hva", "spte", "pfn",
		       "rwxu/AD/hm", "sni", "pte", "pfn");
	for (size_t i = 0; !err && i < count; i++)
		show_leaf(reading, primary, &leaves[i]);
	if (!err)
		puts("rwxu what the guest may do, AD accessed dirty, hm host- and MMU-writable;"
		     " s SMM, n nested guest, i root being freed");
	free(leaves);
	free(primary);
	return err;
}
