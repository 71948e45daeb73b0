// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "results/ktap.h"
#include "results/measured.h"

/* Every line of text fed; the caller's to free. */
static struct ktap *parse(const char *text)
{
	struct ktap *ktap = ktap_new();
	char *copy = strdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line || rest)
			ktap_feed(ktap, line);
	free(copy);
	return ktap;
}

static void assert_case(const struct ktap *ktap, size_t i, const char *name,
			enum ktap_status status, const char *reason)
{
	const struct ktap_case *c;

	assert_true(i < ktap_count(ktap));
	c = ktap_case(ktap, i);
	assert_string_equal(c->name, name);
	assert_int_equal(c->status, status);
	if (!reason)
		assert_null(c->reason);
	else
		assert_string_equal(c->reason, reason);
}

static void assert_problem(const char *text, const char *problem)
{
	struct ktap *ktap = parse(text);

	if (!problem)
		assert_null(ktap_problem(ktap));
	else
		assert_string_equal(ktap_problem(ktap), problem);
	ktap_free(ktap);
}

static void flat_results(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n1..3\nok 1 whole\nnot ok 2 - part\nok 3\n");

	(void)state;
	assert_null(ktap_problem(ktap));
	assert_int_equal(ktap_count(ktap), 3);
	assert_case(ktap, 0, "whole", KTAP_PASS, NULL);
	assert_case(ktap, 1, "part", KTAP_FAIL, NULL);
	assert_case(ktap, 2, "3", KTAP_PASS, NULL);
	ktap_free(ktap);
}

static void feed_tells_results(void **state)
{
	struct ktap *ktap = ktap_new();

	(void)state;
	assert_false(ktap_feed(ktap, "TAP version 13"));
	assert_false(ktap_feed(ktap, "# ok 1 is only said here"));
	assert_false(ktap_feed(ktap, "okay"));
	assert_true(ktap_feed(ktap, "ok 1 a"));
	assert_false(ktap_feed(ktap, "1..1"));
	assert_null(ktap_problem(ktap));
	assert_int_equal(ktap_count(ktap), 1);
	ktap_free(ktap);
}

static void directives(void **state)
{
	struct ktap *ktap = parse("TAP version 13\n1..9\n"
				  "ok 1 a # SKIP no swap\n"
				  "not ok 2 b # skip: no zram\n"
				  "not ok 3 c # XFAIL known\n"
				  "ok 4 d # xfail known\n"
				  "not ok 5 e # TODO later\n"
				  "ok 6 f # todo\n"
				  "not ok 7 g # TIMEOUT 30 seconds\n"
				  "ok 8 # SKIP h needs a device\n"
				  "ok 9 i # skipping is not a directive\n");

	(void)state;
	assert_null(ktap_problem(ktap));
	assert_case(ktap, 0, "a", KTAP_SKIP, "no swap");
	assert_case(ktap, 1, "b", KTAP_SKIP, "no zram");
	assert_case(ktap, 2, "c", KTAP_XFAIL, "known");
	assert_case(ktap, 3, "d", KTAP_XFAIL, "known");
	assert_case(ktap, 4, "e", KTAP_XFAIL, "later");
	assert_case(ktap, 5, "f", KTAP_PASS, NULL);
	assert_case(ktap, 6, "g", KTAP_FAIL, "TIMEOUT 30 seconds");
	assert_case(ktap, 7, "h needs a device", KTAP_SKIP, "h needs a device");
	assert_case(ktap, 8, "i", KTAP_PASS, NULL);
	ktap_free(ktap);
}

static void escaped_hash_is_part_of_the_name(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n1..2\nok 1 page \\#3 # SKIP x\nok 2 a\\\\ # SKIP\n");

	(void)state;
	assert_case(ktap, 0, "page #3", KTAP_SKIP, "x");
	assert_case(ktap, 1, "a\\", KTAP_SKIP, NULL);
	ktap_free(ktap);
}

static void nested_by_indentation(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n1..2\n"
				  "  KTAP version 1\n  1..2\n"
				  "    KTAP version 1\n    1..1\n    not ok 1 deep\n"
				  "  not ok 1 mid\n  ok 2 flat # SKIP none\n"
				  "not ok 1 outer\n"
				  "ok 2 flat\n");

	(void)state;
	assert_null(ktap_problem(ktap));
	assert_int_equal(ktap_count(ktap), 5);
	assert_case(ktap, 0, "outer.mid.deep", KTAP_FAIL, NULL);
	assert_case(ktap, 1, "outer.mid", KTAP_FAIL, NULL);
	assert_case(ktap, 2, "outer.flat", KTAP_SKIP, "none");
	assert_case(ktap, 3, "outer", KTAP_FAIL, NULL);
	assert_case(ktap, 4, "flat", KTAP_PASS, NULL);
	ktap_free(ktap);
}

static void nested_by_prefix(void **state)
{
	struct ktap *ktap = parse("TAP version 13\n1..2\n"
				  "# selftests: mm: ksm\n"
				  "# TAP version 13\n# 1..1\n# # of the inner case\n# not ok 1 merge\n"
				  "not ok 1 ksm # exit=1\n"
				  "# KTAP version 1\n# 1..1\n# ok 1 merge\n"
				  "ok 2 again\n");

	(void)state;
	assert_null(ktap_problem(ktap));
	assert_int_equal(ktap_count(ktap), 4);
	assert_case(ktap, 0, "ksm.merge", KTAP_FAIL, "of the inner case");
	assert_case(ktap, 1, "ksm", KTAP_FAIL, "selftests: mm: ksm\nexit=1");
	assert_case(ktap, 2, "again.merge", KTAP_PASS, NULL);
	ktap_free(ktap);
}

static void diagnostics_are_the_reason(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n# about all\n1..3\n"
				  "# of a\nok 1 a\n"
				  "# pages_4k is 5, expected 4\n# munmap.c:40\nkeeper: killed\nnot ok 2 b\n"
				  "not ok 3 c\n");

	(void)state;
	assert_case(ktap, 0, "a", KTAP_PASS, NULL);
	assert_case(ktap, 1, "b", KTAP_FAIL,
		    "pages_4k is 5, expected 4\nmunmap.c:40\nkeeper: killed");
	assert_case(ktap, 2, "c", KTAP_FAIL, NULL);
	ktap_free(ktap);
}

/* Only what says what is wrong is the reason for a failure. */
static void lines_for_programs_are_no_reason(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n1..1\n# progress guest: 9.5 beats/s\n# covers x: y\n"
				      "# figure reads 5 1/s more\n# it broke\n# coverable x: y z\nnot ok 1 a\n");

	(void)state;
	assert_case(ktap, 0, "a", KTAP_FAIL, "it broke");
	assert_int_equal(ktap_measured(ktap)->count, 1);
	ktap_free(ktap);
}

static void duplicates_are_told_and_told_apart(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n1..3\nok 1 a\nnot ok 2 a\nok 3 a\n");

	(void)state;
	assert_string_equal(ktap_problem(ktap), "duplicate name a");
	assert_case(ktap, 0, "a", KTAP_PASS, NULL);
	assert_case(ktap, 1, "a#2", KTAP_FAIL, NULL);
	assert_case(ktap, 2, "a#3", KTAP_PASS, NULL);
	ktap_free(ktap);
}

static void equal_names_of_different_levels_are_none(void **state)
{
	(void)state;
	assert_problem("KTAP version 1\n1..2\n"
		       "  KTAP version 1\n  1..1\n  ok 1 a\nok 1 a\n"
		       "  KTAP version 1\n  1..1\n  ok 1 a\nok 2 b\n", NULL);
	assert_problem("KTAP version 1\n1..2\nok 1 b.a\n"
		       "  KTAP version 1\n  1..1\n  ok 1 a\nok 2 b\n", "duplicate name b.a");
	assert_problem("KTAP version 1\n1..2\n"
		       "  KTAP version 1\n  1..1\n  ok 1 a\nok 1 b\nok 2 b.a\n", "duplicate name b.a");
}

static void plans(void **state)
{
	(void)state;
	assert_problem("KTAP version 1\nok 1 a\nok 2 b\n1..2\n", NULL);
	assert_problem("KTAP version 1\n1..6\nok 1 a\nok 2 b\n", "plan says 6, 2 ran");
	assert_problem("KTAP version 1\n1..1\nok 1 a\nok 2 b\n", "plan says 1, 2 ran");
	assert_problem("KTAP version 1\nok 1 a\n", "cut short: no plan");
	assert_problem("KTAP version 1\n1..1\n1..1\nok 1 a\n", "a second plan");
	assert_problem("KTAP version 1\n1..2\nok 1 a\nok 3 b\n", "result 2 has the number 3");
	assert_problem("KTAP version 1\n1..0\n", "no result and no reason for a skip");
	assert_problem("KTAP version 1\n1..1\n  KTAP version 1\n  1..3\n  ok 1 a\nok 1 b\n",
		       "plan says 3, 1 ran in b");
}

static void cut_short(void **state)
{
	(void)state;
	assert_problem("", "not KTAP: no version line");
	assert_problem("Segmentation fault\n", "not KTAP: no version line");
	assert_problem("1..1\nok 1 a\n", "not KTAP: no version line");
	assert_problem("KTAP version 1\n", "cut short: no plan");
	assert_problem("KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  ok 1 a\n",
		       "cut short: nested results without an outer one");
	assert_problem("KTAP version 1\n1..1\n  KTAP version 1\n    KTAP version 1\n    1..1\n"
		       "    ok 1 a\nok 1 b\n", "cut short: nested results without an outer one");
	assert_problem("KTAP version 1\n1..1\nKTAP version 1\nok 1 a\n", "a second version line");
}

static void bail_out_is_the_problem(void **state)
{
	(void)state;
	assert_problem("KTAP version 1\n1..9\nok 1 a\nok 1 a\nBail out! no memory\n",
		       "Bail out! no memory");
	assert_problem("KTAP version 1\n1..1\nok 1 a\nBail out!\n", "Bail out!");
}

static void skip_of_the_whole(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n1..0 # SKIP needs zram\n");

	(void)state;
	assert_null(ktap_problem(ktap));
	assert_string_equal(ktap_skip_reason(ktap), "needs zram");
	ktap_free(ktap);
	ktap = parse("KTAP version 1\n1..1\nok 1 a # SKIP needs zram\n");
	assert_null(ktap_skip_reason(ktap));
	ktap_free(ktap);
}

static void remarks(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n# seed: 7\n1..1\n# witnesses: data\n"
				  "# lib/check.c: 40\n"
				  "  KTAP version 1\n  # inner: 1\n  1..1\n  ok 1 b\nok 1 a\n"
				  "# witnesses: data counters\n");

	(void)state;
	assert_string_equal(ktap_remark(ktap, "seed"), "7");
	assert_string_equal(ktap_remark(ktap, "witnesses"), "data counters");
	assert_null(ktap_remark(ktap, "inner"));
	assert_null(ktap_remark(ktap, "see"));
	ktap_free(ktap);
}

static void carriage_returns(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\r\n1..1\r\nnot ok 1 a\r\n");

	(void)state;
	assert_null(ktap_problem(ktap));
	assert_case(ktap, 0, "a", KTAP_FAIL, NULL);
	ktap_free(ktap);
}

static void long_lines_are_bounded(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n1..2\n");
	size_t size = 1 << 20;
	char *line = malloc(size);

	(void)state;
	memset(line, 'x', size - 1);
	line[size - 1] = '\0';
	memcpy(line, "# ", 2);
	ktap_feed(ktap, line);
	memcpy(line, "not ok 1 ", 9);
	assert_true(ktap_feed(ktap, line));
	ktap_feed(ktap, "ok 2 next");
	free(line);
	assert_null(ktap_problem(ktap));
	assert_int_equal(strlen(ktap_case(ktap, 0)->name), 200);
	assert_true(strlen(ktap_case(ktap, 0)->reason) <= 4096);
	assert_case(ktap, 1, "next", KTAP_PASS, NULL);
	ktap_free(ktap);
}

static void deep_nesting_is_bounded(void **state)
{
	struct ktap *ktap = parse("KTAP version 1\n1..1\n");
	char line[400];

	(void)state;
	for (size_t depth = 1; depth < 100; depth++) {
		memset(line, ' ', 2 * depth);
		strcpy(line + 2 * depth, "KTAP version 1");
		ktap_feed(ktap, line);
	}
	ktap_feed(ktap, "ok 1 a");
	assert_non_null(ktap_problem(ktap));
	assert_int_equal(ktap_count(ktap), 1);
	ktap_free(ktap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flat_results),
		cmocka_unit_test(feed_tells_results),
		cmocka_unit_test(directives),
		cmocka_unit_test(escaped_hash_is_part_of_the_name),
		cmocka_unit_test(nested_by_indentation),
		cmocka_unit_test(nested_by_prefix),
		cmocka_unit_test(diagnostics_are_the_reason),
		cmocka_unit_test(lines_for_programs_are_no_reason),
		cmocka_unit_test(duplicates_are_told_and_told_apart),
		cmocka_unit_test(equal_names_of_different_levels_are_none),
		cmocka_unit_test(plans),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(bail_out_is_the_problem),
		cmocka_unit_test(skip_of_the_whole),
		cmocka_unit_test(remarks),
		cmocka_unit_test(carriage_returns),
		cmocka_unit_test(long_lines_are_bounded),
		cmocka_unit_test(deep_nesting_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
