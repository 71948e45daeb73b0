// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <math.h>

#include "results/figures.h"

static void chance_is_counted(void **state)
{
	static const double low[] = { 1, 2, 3, 4 }, high[] = { 11, 12, 13, 14 };
	static const double one[] = { 1, 2 }, two[] = { 1, 2 };

	(void)state;
	/* 2 of the 70 ways to deal eight into four and four */
	assert_true(fabs(figures_chance(low, 4, high, 4) - 2.0 / 70) < 1e-9);
	assert_true(fabs(figures_least_chance(4, 4) - 2.0 / 70) < 1e-9);
	assert_true(figures_chance(one, 2, two, 2) > 0.99);
	assert_true(figures_chance(one, 2, two, 0) > 0.99);
}

static void differences_are_told_from_noise(void **state)
{
	static const double base[] = { 10.0, 10.1, 9.9, 10.2, 9.8 }, slow[] = { 12.0, 12.1, 11.9, 12.3, 11.8 };
	static const double near[] = { 10.2, 10.3, 10.25, 10.4, 10.21 }, few[] = { 20, 21, 22 };
	double chance;

	(void)state;
	assert_int_equal(figures_judge(base, 5, slow, 5, 1, &chance), FIGURE_WORSE);
	assert_true(fabs(chance - 2.0 / 252) < 1e-9);
	assert_int_equal(figures_judge(slow, 5, base, 5, 1, &chance), FIGURE_BETTER);
	assert_int_equal(figures_judge(base, 5, slow, 5, 0, &chance), FIGURE_BETTER);
	assert_int_equal(figures_judge(base, 5, near, 5, 1, &chance), FIGURE_SAME);
	assert_int_equal(figures_judge(base, 3, few, 3, 1, &chance), FIGURE_TOO_FEW);
	assert_int_equal(figures_judge(base, 5, base, 5, 1, &chance), FIGURE_SAME);
}

/* Many random pairs, exact and sampled: swapped, worse is better, and the chance is the same. */
static void swapping_inverts(void **state)
{
	double a[30], b[30];

	(void)state;
	srand(1);
	for (int round = 0; round < 60; round++) {
		size_t n = 1 + rand() % (round % 10 ? 7 : 30), m = 1 + rand() % (round % 10 ? 7 : 30);
		enum figure_change there, back;
		double chance;

		for (size_t i = 0; i < n; i++)
			a[i] = 100 + rand() % 50;
		for (size_t i = 0; i < m; i++)
			b[i] = 100 + rand() % 50 + (round % 3) * 30;
		there = figures_judge(a, n, b, m, 1, &chance);
		back = figures_judge(b, m, a, n, 1, &chance);
		assert_true(fabs(figures_chance(a, n, b, m) - figures_chance(b, m, a, n)) < 1e-9);
		assert_int_equal(back, there == FIGURE_WORSE ? FIGURE_BETTER :
				       there == FIGURE_BETTER ? FIGURE_WORSE : there);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chance_is_counted),
		cmocka_unit_test(differences_are_told_from_noise),
		cmocka_unit_test(swapping_inverts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
