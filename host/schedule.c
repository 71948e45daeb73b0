// SPDX-License-Identifier: GPL-2.0-only
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

/* By name where they are thought to take equally long: the order is the same on every machine. */
static int longest_first(const void *a, const void *b)
{
	const struct schedule_item *x = a, *y = b;

	if (x->expected_s != y->expected_s)
		return x->expected_s < y->expected_s ? 1 : -1;
	return strcmp(x->test->name, y->test->name);
}

void schedule_make(struct schedule *schedule, const struct test_list *tests, size_t modes,
		   unsigned int rounds, schedule_history *took, const void *history)
{
	*schedule = (struct schedule){ .count = modes * rounds * tests->count };
	schedule->items = xzalloc((schedule->count + 1) * sizeof(*schedule->items));
	for (size_t i = 0; i < schedule->count; i++) {
		struct schedule_item *item = &schedule->items[i];
		size_t round = i / tests->count, n = i % tests->count;

		item->test = &tests->tests[n];
		item->mode = round / rounds;
		item->round = round % rounds;
		if (took)
			item->expected_s = took(history, item->mode, item->test->name);
		if (took && item->expected_s < 0)
			item->expected_s = item->test->timeout_s;
		if (took && n + 1 == tests->count)
			qsort(item - n, tests->count, sizeof(*item), longest_first);
	}
}

void schedule_free(struct schedule *schedule)
{
	free(schedule->items);
	*schedule = (struct schedule){ 0 };
}
