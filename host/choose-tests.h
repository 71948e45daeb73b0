/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of the tests that were asked for a run does without, and how it says so. */
#ifndef SPTEST_CHOOSE_TESTS_H
#define SPTEST_CHOOSE_TESTS_H

#include "results/run.h"
#include "test-list.h"

/*
 * Takes the tests that only full runs have out of the list, and notes in run->left what is left to
 * them, cases of the other tests included. Dies (STATUS_USAGE) if nothing else was asked for.
 */
void choose_without_full(struct test_list *list, struct run *run);

/* Takes the destructive ones out; they are in the run as skipped. */
void choose_without_destructive(struct test_list *list, struct run *run);

#endif
