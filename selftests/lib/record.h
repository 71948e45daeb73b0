/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The record of a case: its events, steps and failures in order of time, kept where the processes of
 * the case and the parent that outlives them all see it.
 */
#ifndef SPTEST_LIB_RECORD_H
#define SPTEST_LIB_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/events.h"

void record_init(void);		/* before the first case */
void record_begin(void);	/* before each: empties it */

/* Whose events belong to the case. False: there are too many. */
bool record_add_mm(uint64_t mm);
bool record_has_mm(uint64_t mm);

/* This process has that mm: its sptes are held against its invalidations. */
void record_set_owner(uint64_t mm);

/* Events must come in order, from one process at a time; what does not balance fails the case. */
void record_event(const struct event *event);

/* A step of the story, a failure: from any process or thread. */
void record_mark(enum event_kind kind, const char *text);

/* Invalidations may be under way still, in ksmd for instance. */
bool record_is_balanced(void);
void record_require_balance(void);

/* The record around the first failure, as diagnostics. */
void record_print(void);

#endif
