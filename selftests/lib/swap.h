/* SPDX-License-Identifier: GPL-2.0-only */
/* Swap devices of the test's own, and pushing pages out to them. Failures end the case. */
#ifndef SPTEST_LIB_SWAP_H
#define SPTEST_LIB_SWAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Can swap_on() work here? why gets the reason if not. */
bool swap_possible(char *why, size_t size);

/* A new zram device of that size, as swap of the highest priority. Gone at the end of the case. */
void swap_on(unsigned int mib);

/* On a block device, of which that much is taken. */
void swap_on_device(const char *path, unsigned int mib);

/* The same on the scratch disk, through the block layer: I/O takes time there. Skips without one. */
void swap_on_disk(unsigned int mib);

/* Skips where pages can go elsewhere, to swap that is on already. */
void swap_need_none(void);

/* Takes it away again: what is on it comes back into memory. */
void swap_off(void);

/* The same while a guest is at it: 6.15 to 6.18 give up with ENOMEM now and then, for no good reason. */
void swap_off_racing(void);

/*
 * Pushes the pages out with MADV_PAGEOUT until all of them are swapped. More than one call may be
 * needed: reclaim leaves a page alone that somebody else holds for a moment.
 */
void swap_out(void *memory, size_t pages);

/* The same by memory.reclaim of the case's cgroup, which takes other pages of the process as well. */
void swap_out_by_cgroup(void *memory, size_t pages);

/*
 * Under a running guest, which brings them back: until `goal` pages were written to swap, or for want of
 * luck fewer. Returns how many.
 */
uint64_t swap_out_racing(void *memory, size_t pages, size_t goal);

/* One call of MADV_PAGEOUT, whatever comes of it; one write to memory.reclaim. */
void swap_out_once(void *memory, size_t pages);
void swap_out_some_by_cgroup(size_t pages);

#endif
