/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fourth witness: KVM's secondary page tables themselves, read in the kernel's memory and held
 * against the page table of this process. Where they cannot be read, nothing here fails.
 */
#ifndef SPTEST_LIB_SPTES_H
#define SPTEST_LIB_SPTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/kvm.h"

enum sptes { SPTES_NONE, SPTES_READ_ONLY, SPTES_WRITABLE, SPTES_MAPPED };

/* What maps a page of a memslot; several roots may do so, then it is what any of them allows. */
struct spte_view {
	bool mapped, writable, accessed, dirty;
	unsigned int level;	/* 1: by an spte of 4 KiB, 2: 2 MiB, 3: 1 GiB */
	uint64_t pfn;
};

/* NULL: they can be read; else why not, in one line. */
const char *sptes_missing(void);

/*
 * Every leaf spte of the VM, which this process made, against its owner's page table, and, if
 * `counted`, their number against KVM's counters. Differences fail the case.
 */
void sptes_check(const struct vm *vm, const char *what, bool counted);

struct sptes_count {
	uint64_t leaves[3];	/* of 4 KiB, 2 MiB and 1 GiB */
	double seconds;		/* that reading and counting them took: for people, never for a verdict */
};

/* All of the VM, in both address spaces. False: cannot be read here. */
bool sptes_count(const struct vm *vm, struct sptes_count *count);

/*
 * The same of the only VM that process made, which may be dead while somebody else still holds the VM.
 */
bool sptes_count_process(pid_t pid, struct sptes_count *count);

/* Whether each of these pages is mapped so; `what` names the step. */
void sptes_expect(const struct memslot *slot, size_t first, size_t count, enum sptes expected,
		  const char *what);

/* The same of those pages only that are true in `only`. */
void sptes_expect_only(const struct memslot *slot, size_t first, size_t count, const bool *only,
		       enum sptes expected, const char *what);

/* Each of these pages is mapped, by an spte of that level: 1 is 4 KiB, 2 is 2 MiB. */
void sptes_expect_level(const struct memslot *slot, size_t first, size_t count, unsigned int level,
			const char *what);

/* The pages as they are mapped now. False: cannot be read here. */
bool sptes_read(const struct memslot *slot, size_t first, size_t count, struct spte_view *views);

/*
 * The same two of those sptes only that KVM made for a nested guest (x86/svm.h), which the others
 * include. A kernel that tells of the vCPUs' own roots only counts as one where they cannot be read.
 */
void sptes_expect_nested(const struct memslot *slot, size_t first, size_t count,
			 enum sptes expected, const char *what);
bool sptes_read_nested(const struct memslot *slot, size_t first, size_t count,
		       struct spte_view *views);

#endif
