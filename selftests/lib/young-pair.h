/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that is memory of two processes with a VM each, A (the case's own) and B: which of its pages did each
 * guest touch, and who was asked? Failures end the case.
 */
#ifndef SPTEST_LIB_YOUNG_PAIR_H
#define SPTEST_LIB_YOUNG_PAIR_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/events.h"
#include "lib/young.h"

#define PAIR_A 0
#define PAIR_B 1

/*
 * Over memory of the case's backing, YOUNG_PAGES that both guests have touched. Starts the recording of the events
 * of both. Skips the case where KVM's answers cannot be seen.
 */
void young_pair_make(void);

/* A's memslot, and the model of each guest. */
const struct memslot *young_pair_slot(void);
struct young *young_pair_of(unsigned int side);

/* What has happened since the last step is read, after which witness_events() has it; nothing was unmapped. */
void young_pair_step(const char *what);

/* The same of a reclaim, which may have unmapped anything. */
void young_pair_step_reclaim(const char *what);

/* A guest touches a subset, as by young_touch(). */
void young_pair_touch(unsigned int side, unsigned int round);

/* B's guest touches all pages over and over, each time with a TLB that knows none, until it is stopped. */
void young_pair_touch_on(void);
void young_pair_stop(void);

/* Whose event of the last step it is, and about which page: YOUNG_PAGES, if it is about no page of the file. */
unsigned int young_pair_side(const struct event *e);
size_t young_pair_page(const struct event *e);
bool young_pair_is_question(const struct event *e);

/* Each answer of the last step was that of its side's model, see young_check(). */
void young_pair_judge(const char *what);

/* The accessed bits in the sptes of that guest, or of both, are those of its model. */
void young_pair_check_a(const char *what);
void young_pair_check(const char *what);

/* Both guests read what was written at first. */
void young_pair_check_data(void);

#endif
