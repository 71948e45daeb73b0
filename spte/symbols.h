/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of the few kernel variables that the reader starts from. */
#ifndef SPTEST_SPTE_SYMBOLS_H
#define SPTEST_SPTE_SYMBOLS_H

#include <stdint.h>
#include <stdio.h>

enum symbol {
	SYM_VM_LIST,
	SYM_PAGE_OFFSET_BASE,
	SYM_PHYSICAL_MASK,
	SYM_PGDIR_SHIFT,
	SYM_SHADOW_PRESENT,
	SYM_SHADOW_ACCESSED,
	SYM_SHADOW_DIRTY,
	SYM_SHADOW_NX,
	SYM_SHADOW_X,
	SYM_SHADOW_XS,
	SYM_SHADOW_XU,
	SYM_SHADOW_USER,
	SYM_SHADOW_ME,
	SYM_SHADOW_HOST_WRITABLE,
	SYM_SHADOW_MMU_WRITABLE,
	SYM_SHADOW_ACC_TRACK,
	SYM_SHADOW_MMIO_VALUE,
	SYM_SHADOW_MMIO_MASK,
	SYM_SHADOW_RSVD,
	SYM_SHADOW_RSVD_LOWER_GFN,
	SYM_COUNT
};

struct symbols {
	uint64_t address[SYM_COUNT];	/* 0: this kernel has none of that name */
	uint64_t lines, hidden;		/* symbols seen; how many of them had address 0 */
};

/* From text as in /proc/kallsyms, read in one go. -errno of reading. */
int symbols_read(struct symbols *symbols, FILE *kallsyms);

/* Of the names looked for. */
uint64_t symbols_hash(void);

#endif
