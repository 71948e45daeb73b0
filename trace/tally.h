/* SPDX-License-Identifier: GPL-2.0-only */
/* How often each call site told the notifiers something. */
#ifndef SPTEST_TRACE_TALLY_H
#define SPTEST_TRACE_TALLY_H

#include <stddef.h>
#include <stdio.h>

#include "lib/events.h"

struct tally {
	struct tally_line {
		struct event event;	/* the first of them */
		size_t count;
	} *lines;
	size_t count;
};

void tally_event(struct tally *tally, const struct event *event);
void tally_print(struct tally *tally, FILE *out);	/* most frequent first */
void tally_release(struct tally *tally);

#endif
