// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "host/duration.h"

static void units_are_seconds_minutes_hours_days(void **state)
{
	unsigned int seconds;

	(void)state;
	assert_true(duration_parse("90s", &seconds) && seconds == 90);
	assert_true(duration_parse("10m", &seconds) && seconds == 600);
	assert_true(duration_parse("2h", &seconds) && seconds == 7200);
	assert_true(duration_parse("365d", &seconds) && seconds == DURATION_MAX);
}

static void everything_else_is_none(void **state)
{
	static const char *const bad[] = {
		"", "s", "90", "0s", "-5s", "+5s", " 5s", "5 s", "5s ", "1.5h", "5ms", "10min", "366d", "9000h",
		"99999999999999999999s", "18446744073709551617s", "0x10s",
	};
	unsigned int seconds = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(duration_parse(bad[i], &seconds));
	assert_int_equal(seconds, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_seconds_minutes_hours_days),
		cmocka_unit_test(everything_else_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
