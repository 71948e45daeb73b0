// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/progress.h"
#include "results/run.h"

static struct run run;

static struct run_test *add(const char *name, enum verdict verdict, const char *reason)
{
	struct run_test *test = run_add_test(&run, name);

	test->verdict = verdict;
	test->round = 1;
	free(test->reason);
	test->reason = reason ? strdup(reason) : NULL;
	return test;
}

/* What is printed for the last test, or for the summary; the caller's to free. */
static char *printed(bool verbose, bool summary)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	progress_init(out, verbose);
	if (summary)
		progress_summary(&run);
	else
		progress_verdict(&run.tests[run.test_count - 1]);
	fclose(out);
	return text;
}

static int forget(void **state)
{
	(void)state;
	run_release(&run);
	return 0;
}

static void assert_shows(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void a_pass_is_one_line(void **state)
{
	struct run_test *test = add("zap/munmap", VERDICT_PASS, NULL);
	char *text;

	(void)state;
	test->witnesses = strdup("data counters");
	test->duration_s = 1.25;
	run_test_add_case(test, "whole", VERDICT_PASS, NULL);
	text = printed(false, false);
	assert_shows(text, "  ok      zap/munmap ");
	assert_shows(text, " 1 case ");
	assert_shows(text, "   data counters\n");
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
}

static void verbose_names_every_case(void **state)
{
	struct run_test *test = add("zap/munmap", VERDICT_PASS, NULL);
	char *text;

	(void)state;
	run_test_add_case(test, "whole", VERDICT_PASS, NULL);
	text = printed(true, false);
	assert_shows(text, "ok whole\n");
	free(text);
}

static void a_failure_says_why_once(void **state)
{
	struct run_test *test = add("cow/ksm", VERDICT_FAIL, "write: pfn differs");
	char *text, *first;

	(void)state;
	run_test_add_case(test, "merge", VERDICT_PASS, NULL);
	run_test_add_case(test, "write", VERDICT_FAIL, "pfn differs");
	text = printed(false, false);
	assert_shows(text, "  FAIL    cow/ksm ");
	assert_shows(text, "1 of 2 cases");
	assert_shows(text, "FAIL write: pfn differs\n");
	first = strstr(text, "pfn differs");
	assert_non_null(first);
	assert_null(strstr(first + 1, "pfn differs"));
	assert_null(strstr(text, "merge"));
	free(text);
}

static void long_reasons_are_cut_unless_verbose(void **state)
{
	struct run_test *test = add("cow/ksm", VERDICT_FAIL, "x");
	char *text;

	(void)state;
	run_test_add_case(test, "write", VERDICT_FAIL, "1\n2\n3\n4\n5\n6\n7");
	text = printed(false, false);
	assert_shows(text, "... 3 lines more in its ktap");
	assert_null(strstr(text, " 7\n"));
	free(text);
	text = printed(true, false);
	assert_shows(text, " 7\n");
	free(text);
}

static void a_skip_has_its_reason(void **state)
{
	char *text;

	(void)state;
	add("swap/pageout", VERDICT_SKIP, "no swap device");
	text = printed(false, false);
	assert_shows(text, "  skip    swap/pageout ");
	assert_shows(text, "no swap device\n");
	free(text);
}

static void output_cannot_drive_the_terminal(void **state)
{
	struct run_test *test = add("cow/ksm", VERDICT_FAIL, "\x1b[2J");
	char *text;

	(void)state;
	run_test_add_case(test, "\x1b]0;x\a", VERDICT_FAIL, "\x1b[31m");
	text = printed(true, false);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\a'));
	free(text);
}

static void the_last_block_counts_and_tells_how_to_reproduce(void **state)
{
	struct run_test *test;
	char *text;

	(void)state;
	run.folder = strdup("/runs/1");
	add("zap/munmap", VERDICT_PASS, NULL);
	add("swap/pageout", VERDICT_SKIP, "no swap");
	test = add("cow/ksm", VERDICT_PANIC, "Kernel panic - not syncing: x");
	test->folder = strdup("tests/cow-ksm");
	test->fingerprint = strdup("a < b");
	text = printed(false, true);
	assert_shows(text, "1 passed, 0 failed, 1 skipped, 1 panicked of 3 in ");
	assert_shows(text, "PANIC   cow/ksm\n");
	assert_shows(text, "Kernel panic - not syncing: x\n");
	assert_shows(text, "reproduce: /runs/1/tests/cow-ksm/reproduce.sh\n");
	assert_shows(text, "a < b");
	assert_shows(text, "everything is in /runs/1\n");
	free(text);
}

static void known_bugs_are_never_silent(void **state)
{
	struct run_test *test = add("zap/munmap", VERDICT_XFAIL, "part: known bug: a page stays (abc)");
	char *text;

	(void)state;
	run_test_add_case(test, "part", VERDICT_XFAIL, "known bug: a page stays (abc)\npage 3");
	text = printed(false, false);
	assert_shows(text, "  xfail   zap/munmap ");
	assert_shows(text, "known bug: a page stays (abc)\n");
	free(text);
	add("zap/exit", VERDICT_XPASS, "whole: gone: x");
	text = printed(false, true);
	assert_shows(text, "  xfail   zap/munmap\n            part: known bug: a page stays (abc)\n");
	assert_shows(text, "  XPASS   zap/exit\n            whole: gone: x\n");
	assert_shows(text, "0 passed, 0 failed, 0 skipped, 1 failed as known, 1 passed against expectation of 2");
	free(text);
}

static void the_last_block_says_what_was_reached(void **state)
{
	struct coverage *coverage = &add("zap/munmap", VERDICT_PASS, NULL)->coverage;
	char *text;

	(void)state;
	coverage_take(coverage, "coverable holes: a b c");
	coverage_take(coverage, "covers holes: b");
	coverage_take(coverage, "covers hills: d");
	text = printed(false, true);
	assert_shows(text, "  reached 1 of 3 holes, 1 hills\n");
	assert_null(strstr(text, "never"));
	free(text);
	text = printed(true, true);
	assert_shows(text, "  holes never reached:\n            a\n            c\n");
	assert_null(strstr(text, "hills never"));
	free(text);
}

static void modes_are_told_apart(void **state)
{
	struct run_test *test;
	char *text;

	(void)state;
	run.mmu = strdup("tdp,shadow");
	add("zap/munmap", VERDICT_PASS, NULL)->mmu = strdup("tdp");
	test = add("zap/munmap", VERDICT_FAIL, "x");
	test->mmu = strdup("shadow");
	test->round = 2;
	text = printed(false, true);
	assert_shows(text, "\n  tdp: 1 passed, 0 failed, 0 skipped of 1\n  shadow: 0 passed, 1 failed, 0 skipped of 1\n");
	assert_shows(text, "  1 passed, 1 failed, 0 skipped of 2 in ");
	assert_shows(text, "FAIL    zap/munmap shadow round 2\n");
	free(text);
}

static void the_last_block_says_what_was_left(void **state)
{
	char *text;

	(void)state;
	add("zap/munmap", VERDICT_PASS, NULL);
	text = printed(false, true);
	assert_null(strstr(text, "left"));
	free(text);
	run_add_left(&run, "oom/fork", NULL, "forks a thousand times");
	run_add_left(&run, "zap/munmap", "huge", "6 s");
	run_add_left(&run, "zap/munmap", "many", "9 s");
	text = printed(false, true);
	assert_shows(text, "CHECK=full): 1 test, 2 cases of others; sptest list says which and why\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_pass_is_one_line, forget),
		cmocka_unit_test_teardown(verbose_names_every_case, forget),
		cmocka_unit_test_teardown(a_failure_says_why_once, forget),
		cmocka_unit_test_teardown(long_reasons_are_cut_unless_verbose, forget),
		cmocka_unit_test_teardown(a_skip_has_its_reason, forget),
		cmocka_unit_test_teardown(output_cannot_drive_the_terminal, forget),
		cmocka_unit_test_teardown(the_last_block_counts_and_tells_how_to_reproduce, forget),
		cmocka_unit_test_teardown(known_bugs_are_never_silent, forget),
		cmocka_unit_test_teardown(the_last_block_says_what_was_reached, forget),
		cmocka_unit_test_teardown(modes_are_told_apart, forget),
		cmocka_unit_test_teardown(the_last_block_says_what_was_left, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
