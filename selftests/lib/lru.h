/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's LRU lists, as far as a test has to know of them. */
#ifndef SPTEST_LIB_LRU_H
#define SPTEST_LIB_LRU_H

/*
 * Puts pages that sit in per-CPU batches of any CPU on their LRU lists: reclaim, aging and idle
 * tracking pass over the others. Does nothing on a kernel without NUMA.
 */
void lru_drain(void);

#endif
