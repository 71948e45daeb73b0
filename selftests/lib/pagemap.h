/* SPDX-License-Identifier: GPL-2.0-only */
/* The primary page table of this process (/proc/self/pagemap) and what pages are (kpageflags). */
#ifndef SPTEST_LIB_PAGEMAP_H
#define SPTEST_LIB_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page_state {
	bool present, swapped, soft_dirty;
	uint64_t pfn;		/* if present */
	uint64_t swap_slot;	/* if swapped: which page of the swap device */
	bool ksm, dirty, writeback, referenced, head, tail;	/* if present, of /proc/kpageflags */
};

/*
 * False on kernels whose kpageflags says KSM of every anonymous page (stable_page_flags() in
 * fs/proc/page.c of 6.12 tests `mapping & PAGE_MAPPING_KSM`, which is two bits). Then only the pfn
 * tells.
 */
bool pagemap_knows_ksm(void);

/* `count` pages from `memory` on. Failures end the case. */
void pagemap_read(const void *memory, struct page_state *state, size_t count);

size_t pagemap_count_present(const void *memory, size_t count);
size_t pagemap_count_swapped(const void *memory, size_t count);

#endif
