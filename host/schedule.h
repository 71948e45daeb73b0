/* SPDX-License-Identifier: GPL-2.0-only */
/* In which order the tests of a run are started. */
#ifndef SPTEST_SCHEDULE_H
#define SPTEST_SCHEDULE_H

#include <stddef.h>

#include "test-list.h"

struct schedule_item {
	const struct test *test;
	size_t mode;		/* index of the MMU mode */
	unsigned int round;	/* from 0 */
	double expected_s;	/* how long it is thought to take */
};

struct schedule {
	struct schedule_item *items;
	size_t count;
};

/* How long that test took in that mode the last time, in seconds; below 0: not known. */
typedef double schedule_history(const void *history, size_t mode, const char *test);

/*
 * Mode by mode, round by round. Within a round by name; or (took is not NULL) the longest first, so
 * that machines side by side end together: by what it took the last time, else by its timeout.
 */
void schedule_make(struct schedule *schedule, const struct test_list *tests, size_t modes,
		   unsigned int rounds, schedule_history *took, const void *history);
void schedule_free(struct schedule *schedule);

#endif
