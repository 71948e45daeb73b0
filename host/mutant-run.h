/* SPDX-License-Identifier: GPL-2.0-only */
/* Does any test notice one defect? */
#ifndef SPTEST_MUTANT_RUN_H
#define SPTEST_MUTANT_RUN_H

#include <stdbool.h>

struct args;
struct mutant;

struct mutant_options {
	const char *kernel;	/* a --kernel word, of an image that is there */
	const char *mmu;
	const char *accel;	/* as of sptest run, or NULL */
	const char *selftests;	/* a folder of tests, or NULL: sptest's own */
	const char *tests;	/* globs, or NULL: all */
	const char *memory;	/* MiB of the machine, or NULL */
	const struct args *with;	/* files for the image, as of sptest run, or NULL */
	const char *jobs;	/* --jobs of the survey, or NULL */
	const char *only;	/* mutants, globs, or NULL */
	bool full, all;		/* all: go on after the first kill */
	unsigned int slowness;	/* deadlines are multiplied by this */
};

/* Tests with mutant, those that are most likely to notice first; its verdict is set. */
void mutant_run(struct mutant *mutant, const char *folder, const struct mutant_options *options);

#endif
