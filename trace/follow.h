/* SPDX-License-Identifier: GPL-2.0-only */
/* Which events belong to a program: to it and to all that it forks. */
#ifndef SPTEST_TRACE_FOLLOW_H
#define SPTEST_TRACE_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/events.h"

#define FOLLOW_TASKS 64

struct follow {
	pid_t *tasks;		/* processes and threads of the program */
	size_t task_count;
	uint64_t *mms;		/* theirs that have registered a notifier */
	size_t mm_count;
	struct last {		/* of each task, by its number: did its last event with an mm belong? */
		pid_t task;
		bool ours;
	} last[FOLLOW_TASKS];
};

/* False: no memory. */
bool follow_task(struct follow *follow, pid_t task);

/*
 * Events in order. KVM's tracepoints say no mm: they belong where the task does, or where what the
 * task (ksmd, kswapd) was just telling the notifiers does.
 */
bool follow_event(struct follow *follow, const struct event *event);
void follow_release(struct follow *follow);

#endif
