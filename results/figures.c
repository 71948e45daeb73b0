// SPDX-License-Identifier: GPL-2.0-only
#include "figures.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"

#define WAYS_MAX 20000

/* Of n values those of heap a are sum; the rest is heap b. */
static double difference(double sum, double total, size_t a_count, size_t b_count)
{
	return fabs(sum / a_count - (total - sum) / b_count);
}

/* n over k, or WAYS_MAX + 1 if that is less. */
static double ways(size_t n, size_t k)
{
	double count = 1;

	for (size_t i = 1; i <= k && count <= WAYS_MAX; i++)
		count = count * (n - k + i) / i;
	return count > WAYS_MAX ? WAYS_MAX + 1 : round(count);
}

struct deal {
	const double *values;
	size_t n, a_count;
	double total, seen;	/* the difference as it is, a hair less */
	size_t all, extreme;
};

static void judge_deal(struct deal *deal, double sum)
{
	deal->all++;
	deal->extreme += difference(sum, deal->total, deal->a_count, deal->n - deal->a_count) >= deal->seen;
}

static void deal_all(struct deal *deal, size_t from, size_t left, double sum)
{
	if (!left) {
		judge_deal(deal, sum);
		return;
	}
	for (size_t i = from; i + left <= deal->n; i++)
		deal_all(deal, i + 1, left - 1, sum + deal->values[i]);
}

/* xorshift64 (Marsaglia 2003): the same values give the same answer each time. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* The way that it is counts as one of them: no chance is nil (Phipson and Smyth 2010). */
static void deal_some(struct deal *deal, double *shuffled)
{
	uint64_t state = 88172645463325252ULL;

	deal->all = deal->extreme = 1;
	for (size_t round = 0; round < WAYS_MAX; round++) {
		double sum = 0;

		for (size_t i = 0; i < deal->a_count; i++) {
			size_t other = i + next_random(&state) % (deal->n - i);
			double value = shuffled[other];

			shuffled[other] = shuffled[i];
			shuffled[i] = value;
			sum += value;
		}
		judge_deal(deal, sum);
	}
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double figures_chance(const double *a, size_t a_count, const double *b, size_t b_count)
{
	size_t n = a_count + b_count;
	double *values = xzalloc((n + 1) * sizeof(*values)), sum = 0;
	/* The smaller heap is dealt, from sorted values: so the order of a and b makes no difference. */
	struct deal deal = { .values = values, .n = n, .a_count = a_count < b_count ? a_count : b_count };

	if (!a_count || !b_count) {
		free(values);
		return 1;
	}
	memcpy(values, a, a_count * sizeof(*a));
	memcpy(values + a_count, b, b_count * sizeof(*b));
	for (size_t i = 0; i < n; i++) {
		deal.total += values[i];
		sum += i < a_count ? values[i] : 0;
	}
	deal.seen = difference(sum, deal.total, a_count, b_count);
	deal.seen -= 1e-9 * deal.seen;
	qsort(values, n, sizeof(*values), by_value);
	if (ways(n, deal.a_count) <= WAYS_MAX)
		deal_all(&deal, 0, deal.a_count, 0);
	else
		deal_some(&deal, values);
	free(values);
	return (double)deal.extreme / deal.all;
}

double figures_least_chance(size_t a_count, size_t b_count)
{
	size_t less = a_count < b_count ? a_count : b_count;

	return less ? (a_count == b_count ? 2 : 1) / ways(a_count + b_count, less) : 1;
}

double figures_median(const double *values, size_t count)
{
	double *sorted = xzalloc((count + 1) * sizeof(*sorted)), median = 0;

	memcpy(sorted, values, count * sizeof(*values));
	qsort(sorted, count, sizeof(*sorted), by_value);
	if (count)
		median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
	free(sorted);
	return median;
}

enum figure_change figures_judge(const double *a, size_t a_count, const double *b, size_t b_count,
				 bool less_is_better, double *chance)
{
	double from = figures_median(a, a_count), to = figures_median(b, b_count);
	double low = fmin(from, to), high = fmax(from, to);

	*chance = 1;
	if (figures_least_chance(a_count, b_count) > FIGURE_ALPHA)
		return FIGURE_TOO_FEW;
	if (high - low <= FIGURE_NOISE * fabs(low))
		return FIGURE_SAME;
	*chance = figures_chance(a, a_count, b, b_count);
	if (*chance > FIGURE_ALPHA)
		return FIGURE_SAME;
	return (to > from) == less_is_better ? FIGURE_WORSE : FIGURE_BETTER;
}
