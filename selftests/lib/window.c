// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "lib/window.h"

/* Times are whole microseconds: in the one of the return itself it may have been before it. */
static bool is_inside(const struct event *set, const struct event *start)
{
	return start->heard_us && set->us > start->heard_us && set->mm == start->mm &&
	       set->start < start->end && set->end > start->start;
}

bool window_allows(const struct balance *balance, const struct event *set, char *why, size_t size)
{
	for (unsigned int i = 0; i < balance->count; i++) {
		const struct event *start = &balance->open[i];

		if (!is_inside(set, start))
			continue;
		snprintf(why, size,
			 "spte %#lx of gfn %#lx (hva %#lx) was installed by task %d %lu us into the invalidation of %#lx-%#lx by %s",
			 set->new_spte, set->gfn, set->start, set->task, set->us - start->us, start->start,
			 start->end, start->caller);
		return false;
	}
	return true;
}
