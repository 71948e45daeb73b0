/* SPDX-License-Identifier: GPL-2.0-only */
/* Two sets of measured values: are they different, or is it noise? */
#ifndef SPTEST_FIGURES_H
#define SPTEST_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

enum figure_change {
	FIGURE_WORSE,
	FIGURE_BETTER,
	FIGURE_SAME,		/* no difference that is more than chance and more than the noise floor */
	FIGURE_TOO_FEW,		/* no difference, however large, could be told from chance */
	FIGURE_CHANGES,
};

#define FIGURE_ALPHA 0.05	/* that often chance alone may look like a difference */
#define FIGURE_NOISE 0.05	/* medians closer than this are called the same, whatever the test says */

/*
 * The share of all ways to deal the values into two heaps of these sizes in which the means differ by at
 * least as much (permutation test, two-sided): exact up to 20,000 ways, else by 20,000 random ones of a fixed seed. It
 * is the same with a and b swapped.
 */
double figures_chance(const double *a, size_t a_count, const double *b, size_t b_count);

/* The smallest chance that so many samples can give. */
double figures_least_chance(size_t a_count, size_t b_count);

double figures_median(const double *values, size_t count);

/*
 * What b is against a; less_is_better: of times. *chance is figures_chance(), 1 where it was not asked for: there are too
 * few samples, or the medians are too near.
 */
enum figure_change figures_judge(const double *a, size_t a_count, const double *b, size_t b_count,
				 bool less_is_better, double *chance);

#endif
