// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "upstream/words.h"

static void takes(struct words *words, const char *const lines[])
{
	*words = (struct words){ 0 };
	for (size_t i = 0; lines[i]; i++)
		words_take(words, lines[i]);
}

static void first_failure_counts(void **state)
{
	struct words words;

	(void)state;
	takes(&words, (const char *const[]){ "TAP version 13", "ok 1 a", "not ok 2 b", "not ok 3 c", "# Totals", NULL });
	assert_string_equal(words_failure(&words), "not ok 2 b");
	assert_string_equal(words.last, "# Totals");
}

static void assertion_of_kvm_is_the_line_after(void **state)
{
	struct words words;

	(void)state;
	takes(&words, (const char *const[]){ "Random seed: 0x6b8b4567", "==== Test Assertion Failure ====",
		"  lib/kvm_util.c:1000: region->mmap_start != MAP_FAILED", "  pid=79 tid=79", NULL });
	assert_string_equal(words_failure(&words), "lib/kvm_util.c:1000: region->mmap_start != MAP_FAILED");
}

static void last_line_where_nothing_tells(void **state)
{
	struct words words;

	(void)state;
	takes(&words, (const char *const[]){ "one", "two", "", NULL });
	assert_string_equal(words_failure(&words), "two");
	takes(&words, (const char *const[]){ NULL });
	assert_string_equal(words_failure(&words), "it said nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_failure_counts),
		cmocka_unit_test(assertion_of_kvm_is_the_line_after),
		cmocka_unit_test(last_line_where_nothing_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
