/* SPDX-License-Identifier: GPL-2.0-only */
/* DAMON (Documentation/admin-guide/mm/damon/usage.rst), watching memory of this process. Failures end the case. */
#ifndef SPTEST_LIB_DAMON_H
#define SPTEST_LIB_DAMON_H

#include <stddef.h>
#include <stdint.h>

#define DAMON_ADMIN "/sys/kernel/mm/damon/admin"

/* Nothing but these pages, by their virtual addresses. Skips the case where that cannot be had. */
void damon_watch(const void *memory, size_t pages);

/*
 * Nothing but these page frames, by their physical addresses: each of them in each sample, if they are in
 * rising order and no two are neighbours.
 */
void damon_watch_frames(const uint64_t *pfn, size_t count);

/*
 * After damon_watch(): DAMON also sorts the pages by age now and then (a filter of the kind "young"), and
 * does nothing with what it found. Skips the case where a virtual address has no such filter.
 */
void damon_filter_young(void);

/*
 * After either: DAMON also keeps count of what it concludes, after each ten samples, of each region that
 * it has divided the memory into.
 */
void damon_count(void);

struct damon_counts {
	uint64_t judged;	/* regions, so often as each of them was judged */
	uint64_t used;		/* how many of these had a sample that was found in use */
};

/* Between damon_start() and damon_stop(), since the former. Takes a tenth of a second and a sample. */
struct damon_counts damon_counts(void);

/* Sampling begins; it has ended when damon_stop() returns. */
void damon_start(void);
void damon_stop(void);

#endif
