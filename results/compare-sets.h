/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of runs, pair by pair. */
#ifndef SPTEST_COMPARE_SETS_H
#define SPTEST_COMPARE_SETS_H

#include "compare.h"
#include "compare-pairs.h"

struct comparisons {
	struct comparison *pairs;
	size_t count;
	struct comparison_alone {
		int64_t id;
		char *label;	/* "run 7: 6.12.1, mmu tdp, 2026-11-23T09:00:00Z, suite check, accel tcg" */
		bool in_a;
	} *alone;			/* runs without a partner, those of A first */
	size_t alone_count;
};

/* Holds them against each other. 0, or -errno with a line. Freed by comparisons_free() if 0. */
int compare_sets(struct store *store, const struct compare_pairs *pairs, struct comparisons *all,
		 char error[STORE_ERROR]);
void comparisons_free(struct comparisons *all);

size_t comparisons_count(const struct comparisons *all, enum change change);

/* One pair as comparison_print(); several one after the other; then who has no partner, then of several the total. */
void comparisons_print(const struct comparisons *all, FILE *out, int colour);

/*
 * One pair as comparison_object(), with only_a and only_b if a run has no partner; several in comparisons, with
 * only_a and only_b, numbers of runs. The caller's to free.
 */
char *comparisons_json(const struct comparisons *all);

#endif
