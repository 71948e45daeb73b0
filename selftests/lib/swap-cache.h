/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The swap cache: a page whose pte says that it is swapped may be in memory still, or again. Only what
 * is not there is read from the device. Failures end the case.
 */
#ifndef SPTEST_LIB_SWAP_CACHE_H
#define SPTEST_LIB_SWAP_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Enters a cgroup of the case's own (cgroup_enter()), and lets no memory of this process be taken out
 * but this.
 */
void swap_cache_prepare(void);
void swap_cache_allow(void *memory, size_t pages);

/* Reads from swap devices since boot, in pages; newer kernels count one when it is done. */
uint64_t swap_reads(void);

/* Until some thread of the machine is at a fault of a swapped page, as one that waits for it; false: none is. */
bool swap_wait_for_reader(void);

/* How many of these swapped pages are in memory and good. */
size_t swap_cache_count(void *memory, size_t pages);

/* swap_out(), and none is left in the cache. */
void swap_out_fully(void *memory, size_t pages);

/* What is in the cache and clean goes, also what could not be read. */
void swap_cache_drop(void);

#endif
