/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page table of the process that owns a VM, read in the kernel: /proc/PID/pagemap tells the
 * pfn, but not whether a pte may be written.
 */
#ifndef SPTEST_SPTE_PRIMARY_H
#define SPTEST_SPTE_PRIMARY_H

#include <stdbool.h>
#include <stdint.h>

#define PRIMARY_LEVELS 5

struct spte_reader;

struct primary_pte {
	uint64_t value;		/* of the last entry on the way down */
	unsigned int level;	/* where that was: 1 a page, 2 2 MiB or none there, ... */
	bool present, writable;
	uint64_t pfn;		/* of the 4 KiB page asked for; if present */
};

/* Tables are kept as they were read, one of each level. */
struct primary {
	struct spte_reader *reader;
	uint64_t pgd;		/* address of the top table */
	unsigned int levels;
	uint64_t address[PRIMARY_LEVELS + 1];
	uint64_t entries[PRIMARY_LEVELS + 1][512];
};

/* `mm` is the address of a struct mm_struct. -errno with reader->error. */
int primary_open(struct primary *primary, struct spte_reader *reader, uint64_t mm);

/* Not being present is no error. -errno: a table could not be read. */
int primary_lookup(struct primary *primary, uint64_t hva, struct primary_pte *pte);

/* Tables are read anew from here on. */
void primary_forget(struct primary *primary);

#endif
