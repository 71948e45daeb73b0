/* SPDX-License-Identifier: GPL-2.0-only */
/* The samples of one guest's run. */
#ifndef SPTEST_WORKLOAD_SERIES_H
#define SPTEST_WORKLOAD_SERIES_H

#include <stdio.h>

#include "workload/detector.h"

struct series {
	struct sample *samples;
	size_t count;
};

/* A sample of now, with these heartbeats. */
void series_add(struct series *series, uint64_t beat_locked, uint64_t beat_swappable);
enum progress series_judge(const struct series *series, const struct detector *detector);

/* NULL: there is none. */
const struct sample *series_last(const struct series *series);

/* Of the swappable page, over the last so many milliseconds. */
double series_beats_per_second(const struct series *series, uint64_t ms);

/* From the first sample to the last, as figures. */
void series_print(const struct series *series, FILE *out);

/*
 * How it went, as a table for who reads: from each row to the next heartbeats in both pages, pages, and milliseconds that CPUs
 * were busy and that some tasks or all waited for memory (0 without PSI).
 */
void series_print_course(const struct series *series, FILE *out);
void series_free(struct series *series);

#endif
