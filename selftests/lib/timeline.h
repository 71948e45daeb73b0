/* SPDX-License-Identifier: GPL-2.0-only */
/* Events as lines that a person reads. */
#ifndef SPTEST_LIB_TIMELINE_H
#define SPTEST_LIB_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/events.h"

#define TIMELINE_LINE 256

/*
 * Writes the line for event[0], its time counted from `zero` (as event.us). Returns how many of the
 * `count` events it tells, at least 1: an invalidation in which nothing else happened is one line.
 */
size_t timeline_line(const struct event *event, size_t count, uint64_t zero,
		     char line[TIMELINE_LINE]);

/* Would the two be told in the same words but for time and range? */
bool timeline_alike(const struct event *one, const struct event *other);

#endif
