// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/die.h"
#include "results/ktap.h"
#include "results/run-ktap.h"
#include "results/run.h"

static struct run run;

static void add(const char *name, enum verdict verdict, const char *reason)
{
	struct run_test *test = run_add_test(&run, name);

	free(test->reason);
	test->verdict = verdict;
	test->reason = reason ? xstrdup(reason) : NULL;
}

/* What it writes, the project's own parser reads back. */
static void it_reads_back(void **state)
{
	struct ktap *ktap = ktap_new();
	char *text, *rest, *line;

	(void)state;
	add("zap/munmap", VERDICT_PASS, NULL);
	run_test_add_case(&run.tests[0], "whole", VERDICT_PASS, NULL);
	run_test_add_case(&run.tests[0], "part", VERDICT_SKIP, "no part");
	add("cow/ksm", VERDICT_PANIC, "Kernel panic - not syncing\nreally");
	add("cow/ksm", VERDICT_PASS, NULL);
	run.tests[2].mmu = xstrdup("shadow");
	add("ksm/merge", VERDICT_XFAIL, "known bug: x\nmore");
	add("ksm/chain", VERDICT_XPASS, "gone");
	add("age/#young", VERDICT_SKIP, "no MGLRU");
	text = rest = run_ktap(&run);
	while ((line = strsep(&rest, "\n")) && rest)
		ktap_feed(ktap, line);
	assert_null(ktap_problem(ktap));
	assert_int_equal(ktap_count(ktap), 8);
	assert_string_equal(ktap_case(ktap, 0)->name, "zap/munmap.whole");
	assert_int_equal(ktap_case(ktap, 1)->status, KTAP_SKIP);
	assert_string_equal(ktap_case(ktap, 1)->reason, "no part");
	assert_string_equal(ktap_case(ktap, 2)->name, "zap/munmap");
	assert_string_equal(ktap_case(ktap, 3)->name, "cow/ksm");
	assert_int_equal(ktap_case(ktap, 3)->status, KTAP_FAIL);
	assert_string_equal(ktap_case(ktap, 3)->reason, "Kernel panic - not syncing really\nERROR panic");
	assert_string_equal(ktap_case(ktap, 4)->name, "cow/ksm shadow");
	assert_int_equal(ktap_case(ktap, 5)->status, KTAP_XFAIL);
	assert_string_equal(ktap_case(ktap, 5)->reason, "known bug: x more");
	assert_int_equal(ktap_case(ktap, 6)->status, KTAP_PASS);
	assert_string_equal(ktap_case(ktap, 7)->name, "age/_young");
	ktap_free(ktap);
	free(text);
}

/* A result is a line of its own whatever it is called, and no terminal takes anything in it for a command. */
static void hostile_names_are_lines(void **state)
{
	static const char *const names[] = {
		"it's \"q\"", "<b>", "a\nok 9 b", "a\rok 9 b", "a\tb", "a\033[2Jb", "\302\2332Jb", "\u65e5\U0001f600", "# SKIP a",
		"a # SKIP b", "\\", "\\# SKIP", "Bail out!", "1..9", "KTAP version 1", " #  TAP version 1", "ok 1 x", "\u202ea", "a\u2028b", "\xff\xfe", "-",
	};
	const size_t count = sizeof(names) / sizeof(names[0]);
	struct ktap *ktap = ktap_new();
	struct run hostile = { 0 };
	char *text, *rest, *line;
	size_t lines = 0;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct run_test *test = run_add_test(&hostile, names[i]);

		free(test->reason);
		test->verdict = VERDICT_FAIL;
		test->reason = xstrdup(names[i]);
		run_test_add_case(test, names[i], VERDICT_SKIP, names[i]);
	}
	text = rest = run_ktap(&hostile);
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= ' ');
	assert_null(strstr(text, "\302\233"));
	assert_null(strstr(text, "\u202e"));
	while ((line = strsep(&rest, "\n")) && rest) {
		ktap_feed(ktap, line);
		lines++;
	}
	/* Version and plan; version, plan and result of the case, reason and result of the test. */
	assert_int_equal(lines, 2 + 5 * count);
	if (ktap_problem(ktap))
		fail_msg("%s", ktap_problem(ktap));
	assert_int_equal(ktap_count(ktap), 2 * count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(ktap_case(ktap, 2 * i)->status, KTAP_SKIP);
		assert_int_equal(ktap_case(ktap, 2 * i + 1)->status, KTAP_FAIL);
	}
	ktap_free(ktap);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_back),
		cmocka_unit_test(hostile_names_are_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
