/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The coherence check: a secondary page table is a subset of the primary one, always. For every
 * leaf spte, gfn -> memslot -> hva -> pte: the same page, and writable only where the pte is.
 */
#ifndef SPTEST_SPTE_COHERENCE_H
#define SPTEST_SPTE_COHERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spte/primary.h"
#include "spte/slots.h"
#include "spte/snapshot.h"

struct pagemap_block;
struct spte_reader;
struct spte_vm;

enum spte_fault {
	FAULT_NONE,
	FAULT_PFN,		/* maps another page than the pte */
	FAULT_NOT_PRESENT,	/* the owner has no page there */
	FAULT_WRITABLE,		/* may be written, the pte may not */
	FAULT_HUGE,		/* maps more at once than the primary page table does */
	FAULT_NO_MEMSLOT,	/* no memslot has that gfn */
	FAULT_MMIO,		/* says MMIO, but there is memory */
	FAULT_PAGEMAP,		/* the pte read in the kernel is not what pagemap says */
	FAULT_COUNT
};

struct spte_violation {
	enum spte_fault fault;
	struct spte_leaf leaf;
	uint64_t gfn, hva;		/* of the first 4 KiB page that is wrong; hva 0: none */
	struct primary_pte pte;		/* of that page */
	bool pagemap_present;		/* for FAULT_PAGEMAP */
	uint64_t pagemap_pfn;
};

struct spte_check {
	struct spte_reader *reader;
	const struct spte_vm *vm;
	/*
	 * A suspect is looked at again: so many times it must be found the same, with so much time
	 * between. 1 and 0 for a VM that holds still.
	 */
	unsigned int looks;
	unsigned int pause_us;
	/* Each violation, as it is found. */
	void (*report)(void *arg, const struct spte_violation *violation);
	void *arg;
	struct pagemap_block *pagemap;	/* the owner's; NULL: not compared */

	/* What came of it. */
	uint64_t leaves, pages;		/* checked */
	uint64_t unjudged;		/* leaves of guest_memfd, or of roots being freed */
	uint64_t suspects;		/* at the first look */
	uint64_t violations;
	uint64_t by_fault[FAULT_COUNT];
};

/*
 * All leaves of a snapshot against the owner's page table as it is now. `slots` is read again, in
 * place, when that matters. -errno with reader->error when something cannot be read at all.
 */
int spte_check_run(struct spte_check *check, const struct spte_snapshot *snapshot,
		   struct spte_slots *slots);

/* "pfn-differs" and "maps another page than the pte". */
const char *spte_fault_name(enum spte_fault fault);
const char *spte_fault_text(enum spte_fault fault);

#endif
