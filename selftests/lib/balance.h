/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether each invalidation that was started is ended, and in order: a task may begin another one
 * inside, and ends that first. A start that may not block and is refused has no end
 * (__oom_reap_task_mm() in mm/oom_kill.c).
 */
#ifndef SPTEST_LIB_BALANCE_H
#define SPTEST_LIB_BALANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/events.h"

#define BALANCE_OPEN_MAX 64

struct balance {
	struct event open[BALANCE_OPEN_MAX];
	unsigned int count;
};

/* The next event, in order of time. False: it does not fit to those before, `why` in one line. */
bool balance_event(struct balance *balance, const struct event *event, char *why, size_t size);

/* This task is between the start and the end of an invalidation of some of that range. */
bool balance_is_inside(const struct balance *balance, pid_t task, uint64_t start, uint64_t end);

/* At the end: a start that should have been ended by now, or NULL. */
const struct event *balance_unended(const struct balance *balance);

#endif
