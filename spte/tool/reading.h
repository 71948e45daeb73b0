/* SPDX-License-Identifier: GPL-2.0-only */
/* One VM, read once: what all views show. */
#ifndef SPTEST_SPTE_TOOL_READING_H
#define SPTEST_SPTE_TOOL_READING_H

#include "spte/coherence.h"
#include "spte/reader.h"
#include "spte/slots.h"
#include "spte/snapshot.h"
#include "spte/totals.h"
#include "spte/vm.h"

struct options;

struct reading {
	struct spte_reader *reader;
	struct spte_vm vm;
	char command[20];	/* of the owner */
	struct spte_slots slots;
	struct spte_snapshot snapshot;
	struct spte_totals totals;
	enum spte_agreement agreement;
	struct spte_check check;	/* after reading_check() */
	double seconds;			/* that reading the tables took */
};

/* -errno with reader->error. */
int reading_take(struct reading *reading, struct spte_reader *reader, const struct spte_vm *vm);
void reading_free(struct reading *reading);

/*
 * Fills reading->check. `still`: the owner holds still; else a suspect must stay one for a while.
 * -errno with reader->error.
 */
int reading_check(struct reading *reading, bool still,
		  void (*report)(void *arg, const struct spte_violation *v), void *arg);

/* Within --range? */
bool reading_wants(const struct options *options, const struct spte_leaf *leaf);

/* The hva of a gfn, or 0 outside every memslot. */
uint64_t reading_hva(const struct reading *reading, const struct spte_leaf *leaf);

/* "the TDP MMU", "direct paging", "shadow paging", by what was found. */
const char *reading_mmu(const struct reading *reading);

#endif
