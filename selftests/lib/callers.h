/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which call sites of the notifiers this kernel has, and which of them the test has reached: what it
 * prints as "# coverable KIND: ..." and "# covers KIND: ..." (see docs/summary.md of the runner).
 */
#ifndef SPTEST_LIB_CALLERS_H
#define SPTEST_LIB_CALLERS_H

#include "lib/events.h"

/* Before the cases, which share what is noted. */
void callers_init(void);

/* An event that touches guest memory; only one process records at a time. */
void callers_note(const struct event *event);

void callers_report(void);

#endif
