// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "results/verdict.h"

static void names_round_trip(void **state)
{
	(void)state;
	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		assert_int_equal(verdict_from_name(verdict_name(v)), v);
}

static void unknown_names_are_none(void **state)
{
	(void)state;
	assert_int_equal(verdict_from_name("passed"), VERDICT_COUNT);
	assert_int_equal(verdict_from_name(""), VERDICT_COUNT);
	assert_string_equal(verdict_name(VERDICT_COUNT), "?");
}

static void what_is_no_failure(void **state)
{
	(void)state;
	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		assert_int_equal(verdict_is_failure(v), v != VERDICT_PASS && v != VERDICT_SKIP &&
							v != VERDICT_XFAIL && v != VERDICT_XPASS);
	assert_true(verdict_is_failure(VERDICT_LOST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_round_trip),
		cmocka_unit_test(unknown_names_are_none),
		cmocka_unit_test(what_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
