// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "lib/balance.h"

static bool begin(struct balance *balance, const struct event *event, char *why, size_t size)
{
	if (balance->count == BALANCE_OPEN_MAX) {
		snprintf(why, size, "%d invalidations are started and not ended, the last by %s",
			 BALANCE_OPEN_MAX, event->caller);
		balance->count = 0;
		return false;
	}
	balance->open[balance->count++] = *event;
	return true;
}

static void forget(struct balance *balance, unsigned int i)
{
	balance->count--;
	memmove(&balance->open[i], &balance->open[i + 1],
		(balance->count - i) * sizeof(balance->open[0]));
}

static bool is_end_of(const struct event *end, const struct event *start)
{
	return end->mm == start->mm && end->start == start->start && end->end == start->end;
}

/* The index of the start that this event ends, or -1; *inner: one of the same task begun after it. */
static int find_start(const struct balance *balance, const struct event *end,
		      const struct event **inner)
{
	unsigned int i;

	*inner = NULL;
	for (i = balance->count; i-- > 0;) {
		const struct event *start = &balance->open[i];

		if (start->task != end->task)
			continue;
		if (is_end_of(end, start))
			return i;
		if (!start->refusable && !*inner)
			*inner = start;
	}
	return -1;
}

bool balance_event(struct balance *balance, const struct event *event, char *why, size_t size)
{
	const struct event *inner;
	int i;

	if (event->kind == EVENT_START)
		return begin(balance, event, why, size);
	if (event->kind != EVENT_END)
		return true;
	i = find_start(balance, event, &inner);
	if (i < 0) {
		snprintf(why, size, "invalidation of %#lx-%#lx was ended by %s and not started",
			 event->start, event->end, event->caller);
		return false;
	}
	if (inner)
		snprintf(why, size,
			 "invalidation of %#lx-%#lx by %s was ended before that of %#lx-%#lx by %s inside it",
			 event->start, event->end, balance->open[i].caller, inner->start, inner->end,
			 inner->caller);
	forget(balance, i);
	return !inner;
}

bool balance_is_inside(const struct balance *balance, pid_t task, uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < balance->count; i++)
		if (balance->open[i].task == task && balance->open[i].start < end &&
		    balance->open[i].end > start)
			return true;
	return false;
}

const struct event *balance_unended(const struct balance *balance)
{
	unsigned int i;

	for (i = 0; i < balance->count; i++)
		if (!balance->open[i].refusable)
			return &balance->open[i];
	return NULL;
}
