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

/* Reads from swap devices that were begun since boot, in pages. Waits for more: false, there are none. */
uint64_t swap_reads(void);
bool swap_wait_for_read(uint64_t before);

/* How many of these swapped pages are in memory and good. */
size_t swap_cache_count(void *memory, size_t pages);

/* swap_out(), and none is left in the cache. */
void swap_out_fully(void *memory, size_t pages);

/* What is in the cache and clean goes, also what could not be read. */
void swap_cache_drop(void);

#endif
