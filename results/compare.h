/* SPDX-License-Identifier: GPL-2.0-only */
/* Two runs of the store, test by test. */
#ifndef SPTEST_COMPARE_H
#define SPTEST_COMPARE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "store.h"

/* Swapping the runs swaps regression with fix, new with gone, and leaves the others. */
enum change {
	CHANGE_REGRESSION,	/* passed in all rounds, fails in some */
	CHANGE_FIX,		/* the other way round */
	CHANGE_NEW,		/* did not run before: missing or skipped */
	CHANGE_GONE,		/* does not run any more */
	CHANGE_FLAKY,		/* passes and fails in both */
	CHANGE_KNOWN,		/* a known bug in at least one of them, or it no longer shows */
	CHANGE_STILL,		/* fails in both */
	CHANGE_NONE,		/* passes in both */
	CHANGE_COUNT,
};

struct comparison_side {
	unsigned int rounds, passed, failed, known;	/* skips are in rounds only */
	char *verdict, *reason;		/* of the first round that failed, or else did not pass; "" if all did */
	char *class;	/* of the first round that was run again: "deterministic", "flaky 1/3"; "" */
};

struct comparison_test {
	char *name, *mmu;
	enum change change;
	struct comparison_side a, b;
};

/* What a known bug made fail passes in B: one line tells what to do. */
struct comparison_cured {
	char *name, *mmu, *case_name, *reason;	/* case_name: "" for all of the test */
};

struct comparison {
	int64_t a, b;
	char *label_a, *label_b;	/* "run 3: 6.12.1 tdp, 2026-11-23T09:00:00Z" */
	struct comparison_test *tests;
	size_t count;
	struct comparison_cured *cured;
	size_t cured_count;
};

/* What a run is in a line; the caller's to free. NULL: no such run. */
char *comparison_label(struct store *store, int64_t id);

/* 0 or -errno with a line. */
int compare_runs(struct store *store, int64_t a, int64_t b, struct comparison *comparison,
		 char error[STORE_ERROR]);
void comparison_free(struct comparison *comparison);

size_t comparison_count(const struct comparison *comparison, enum change change);
const char *change_name(enum change change);

/* What changed, worst first, aligned. colour: with ANSI sequences. */
void comparison_print(const struct comparison *comparison, FILE *out, int colour);

#endif
