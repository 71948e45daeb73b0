// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "host/version.h"

static void debian_order(void **state)
{
	/* each older than the next */
	static const char *const versions[] = {
		"5.10.262-1", "6.1.176-1", "6.1.192-1", "6.1.192-2", "6.12.9-1", "6.12.74-2~bpo12+1",
		"6.12.74-2", "6.12.107-1", "6.18.15-1~bpo13+1", "7.3~rc7-1~exp1", "7.3-1", "7.3.4-1",
	};
	const int count = sizeof(versions) / sizeof(versions[0]);

	(void)state;
	for (int i = 0; i < count; i++)
		for (int j = 0; j < count; j++) {
			int order = version_compare(versions[i], versions[j]);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
}

static void zeros_in_front_count_for_nothing(void **state)
{
	(void)state;
	assert_int_equal(version_compare("6.01-1", "6.1-1"), 0);
	assert_true(version_compare("6.010-1", "6.9-1") > 0);
}

static void upstream_as_people_say_it(void **state)
{
	static const char *const pairs[][2] = {
		{ "6.12.74-2~bpo12+1", "6.12.74" },
		{ "7.3~rc7-1~exp1", "7.3-rc7" },
		{ "5.10.262-1", "5.10.262" },
		{ "6.12.1", "6.12.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char *upstream = version_upstream(pairs[i][0]);

		assert_string_equal(upstream, pairs[i][1]);
		free(upstream);
	}
}

static void a_prefix_ends_where_a_number_ends(void **state)
{
	(void)state;
	assert_true(version_matches("6.12.74", "6.12"));
	assert_true(version_matches("6.12.74", "6"));
	assert_true(version_matches("6.12.74", "6.12.74"));
	assert_true(version_matches("7.3-rc7", "7.3"));
	assert_true(version_matches("7.3-rc7", "7.3-rc"));
	assert_false(version_matches("6.12.74", "6.1"));
	assert_false(version_matches("6.12.74", "6.12.7"));
	assert_false(version_matches("6.12.74", "6.12.74.1"));
	assert_false(version_matches("7.3.4", "7.3-rc"));
	assert_false(version_matches("7.3-rc17", "7.3-rc1"));
	assert_false(version_matches("6.12.74", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(debian_order),
		cmocka_unit_test(zeros_in_front_count_for_nothing),
		cmocka_unit_test(upstream_as_people_say_it),
		cmocka_unit_test(a_prefix_ends_where_a_number_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
