/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs of sptest by sptest: the tests on a kernel with a defect switched on, and what came of it. */
#ifndef SPTEST_MUTANT_RUN_H
#define SPTEST_MUTANT_RUN_H

#include <stdbool.h>

struct mutant;
struct mutants;

struct mutant_options {
	const char *kernel;	/* a --kernel word, of an image that is there */
	const char *mmu;
	const char *tests;	/* globs, or NULL: all */
	const char *jobs;	/* --jobs, or NULL */
	const char *only;	/* mutants, globs, or NULL */
	bool full, all;		/* all: go on after the first kill */
};

/*
 * The tests without any defect: which of them pass, how long they take, and which places each
 * reaches. Call sites that the kernel names are added to mutants. Dies (STATUS_HARNESS) if nothing
 * passes, and notes tests that fail without a defect: they can't kill.
 */
void mutant_survey(struct mutants *mutants, const struct mutant_options *options);

/* Tests with mutant, those that are most likely to notice first; its verdict is set. */
void mutant_run(struct mutant *mutant, const char *folder, const struct mutant_options *options);

#endif
