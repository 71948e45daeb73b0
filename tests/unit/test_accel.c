// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/accel.h"
#include "host/die.h"

static void choose(const char *word)
{
	struct accel accel;

	accel_choose(&accel, word);
}

static void tcg_is_taken_when_asked_for(void **state)
{
	struct accel accel;

	(void)state;
	accel_choose(&accel, "tcg");
	assert_false(accel.kvm);
	assert_string_equal(accel.name, "tcg");
	assert_true(accel.slowness > 1);
	assert_string_equal(accel.why, "asked for");
}

static void auto_follows_the_probe_and_says_why(void **state)
{
	struct accel accel;
	char why[200] = "";
	bool fit = accel_probe_kvm(why);

	(void)state;
	accel_choose(&accel, "auto");
	assert_int_equal(accel.kvm, fit);
	assert_string_equal(accel.why, why);
	assert_string_equal(accel.name, fit ? "kvm" : "tcg");
	assert_true(strlen(why) > 0);
}

static void kvm_unfit_is_bad_input(void **state)
{
	char why[200];

	(void)state;
	assert_int_equal(status_of(choose, "kvm"), accel_probe_kvm(why) ? 0 : STATUS_USAGE);
}

static void other_words_are_bad_input(void **state)
{
	(void)state;
	assert_int_equal(status_of(choose, "KVM"), STATUS_USAGE);
	assert_int_equal(status_of(choose, ""), STATUS_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcg_is_taken_when_asked_for),
		cmocka_unit_test(auto_follows_the_probe_and_says_why),
		cmocka_unit_test(kvm_unfit_is_bad_input),
		cmocka_unit_test(other_words_are_bad_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
