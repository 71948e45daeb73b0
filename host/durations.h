/* SPDX-License-Identifier: GPL-2.0-only */
/* How long each test took on this machine the last time: a guess for the order of the next run. */
#ifndef SPTEST_DURATIONS_H
#define SPTEST_DURATIONS_H

#include <stdbool.h>
#include <stddef.h>

struct durations;
struct run;

/*
 * Those of runs with that accelerator, full or not, in these modes (words of mmu.h), from the cache.
 * Never fails: what is not there is not known. Freed by durations_free().
 */
struct durations *durations_load(const char *accel, bool full, const char *const modes[],
				 size_t count);
void durations_free(struct durations *durations);

/* Seconds that the test took in the i-th of the modes, or -1. */
double durations_of(const struct durations *durations, size_t mode, const char *test);

/* Keeps what the tests of this run took, less those that were cut short. */
void durations_keep(const struct durations *durations, const struct run *run);

#endif
