/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests measured in two sets of runs: the samples of all runs of a set are one heap. */
#ifndef SPTEST_COMPARE_FIGURES_H
#define SPTEST_COMPARE_FIGURES_H

#include <stdbool.h>
#include <stdio.h>

#include "figures.h"
#include "store.h"

#define FIGURES_EARLIER "earlier"

/* One figure of one test in one MMU mode; text is never NULL. */
struct figure_pair {
	char *suite, *test, *mmu, *name, *unit;
	char *place_a, *place_b;	/* "6.12.74 tcg"; "6.12 tcg" of several updates */
	bool less_is_better;
	double median_a, median_b, chance;
	size_t count_a, count_b;	/* samples */
	enum figure_change change;
};

struct figure_pairs {
	struct store_set a, b;		/* the runs in question */
	struct figure_pair *pairs;	/* worse first, then by suite, test, figure, mode and kernel */
	size_t count;
};

/*
 * Holds the figures of the tests that passed in B against those in A. The words are those of store_find_all(), also
 * several with commas. Dates are taken apart by suite, accelerator, kernel series and flavour; of "earlier" and
 * "last-green" as A each part of B has its own runs before it. A kernel is held against all kernels of a date. Runs
 * that are named one by one are compared whatever they are. 0, or -errno with a line: -ENOENT if no figure was
 * measured on both sides. Freed by figure_pairs_free() if 0.
 */
int figures_compare(struct store *store, const char *word_a, const char *word_b, struct figure_pairs *pairs,
		    char error[STORE_ERROR]);
void figure_pairs_free(struct figure_pairs *pairs);

size_t figure_pairs_count(const struct figure_pairs *pairs, enum figure_change change);

/* Aligned columns, the totals last. changed: only what is worse or better. */
void figure_pairs_print(const struct figure_pairs *pairs, bool changed, FILE *out, int colour);

/* The caller's to free; docs/results.md has its fields. */
char *figure_pairs_json(const struct figure_pairs *pairs);

#endif
