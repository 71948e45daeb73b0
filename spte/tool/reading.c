// SPDX-License-Identifier: GPL-2.0-only
#include "spte/tool/reading.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "spte/tool/options.h"

#define DIFFER_TRIES 20
#define DIFFER_REST_MS 10

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void read_command(struct reading *reading)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", reading->vm.pid);
	f = fopen(path, "re");
	if (!f || !fgets(reading->command, sizeof(reading->command), f))
		strcpy(reading->command, "?");
	if (f)
		fclose(f);
	reading->command[strcspn(reading->command, "\n")] = '\0';
}

static int take_once(struct reading *reading, struct spte_reader *reader, const struct spte_vm *vm)
{
	double start = now();
	int err;

	*reading = (struct reading){ .reader = reader, .vm = *vm };
	err = spte_slots_read(reader, vm, &reading->slots);
	if (err)
		return err;
	err = spte_snapshot_take(reader, vm, &reading->snapshot);
	if (err) {
		spte_slots_free(&reading->slots);
		return err;
	}
	reading->seconds = now() - start;
	reading->totals = spte_totals(&reader->format, &reading->snapshot);
	reading->agreement = spte_totals_agree(&reading->totals, &reading->snapshot);
	read_command(reading);
	return 0;
}

/*
 * KVM counts an spte after it wrote it (handle_changed_spte() in arch/x86/kvm/mmu/tdp_mmu.c), and a vCPU may be
 * preempted in between: of a VM that runs only a difference that stays is one.
 */
int reading_take(struct reading *reading, struct spte_reader *reader, const struct spte_vm *vm)
{
	const struct timespec rest = { .tv_nsec = DIFFER_REST_MS * 1000000 };
	int err = take_once(reading, reader, vm);

	for (int tries = 0; !err && reading->agreement == TOTALS_DIFFER && tries < DIFFER_TRIES; tries++) {
		nanosleep(&rest, NULL);
		reading_free(reading);
		err = take_once(reading, reader, vm);
	}
	return err;
}

void reading_free(struct reading *reading)
{
	spte_slots_free(&reading->slots);
	spte_snapshot_free(&reading->snapshot);
}

bool reading_wants(const struct options *options, const struct spte_leaf *leaf)
{
	uint64_t last = leaf->gfn + spte_level_pages(leaf->level) - 1;

	return last >= options->first && leaf->gfn <= options->last;
}

uint64_t reading_hva(const struct reading *reading, const struct spte_leaf *leaf)
{
	const struct spte_slot *slot =
		spte_slots_find(&reading->slots, leaf->table->role.space, leaf->gfn);

	return slot ? spte_slot_hva(slot, leaf->gfn) : 0;
}

const char *reading_mmu(const struct reading *reading)
{
	bool tdp = false, pages = false, indirect = false;

	for (size_t i = 0; i < reading->snapshot.count; i++) {
		const struct spte_table *table = &reading->snapshot.tables[i];

		tdp |= table->mmu == MMU_TDP;
		pages |= table->mmu == MMU_PAGES;
		indirect |= !table->role.direct;
	}
	if (tdp)
		return pages ? "TDP MMU and shadow pages" : "TDP MMU";
	if (pages)
		return indirect ? "shadow paging" : "direct MMU";
	return reading->snapshot.count ? "tables of the vCPUs" : "no tables";
}
