// SPDX-License-Identifier: GPL-2.0-only
#include "xpath.h"

#include "results/junit.h"
#include "results/run.h"

/* What an XPath expression says of the run's JUnit. */
#define assert_query(run, expression, expected) \
	do { \
		char *xml = junit_xml(run); \
		assert_xpath(xml, expression, expected); \
		free(xml); \
	} while (0)

static struct run_test *add(struct run *run, const char *name, enum verdict verdict,
			    const char *reason)
{
	struct run_test *test = run_add_test(run, name);

	test->verdict = verdict;
	free(test->reason);
	test->reason = reason ? strdup(reason) : NULL;
	return test;
}

static void cases_are_testcases(void **state)
{
	struct run run = { .duration_s = 2.5 };
	struct run_test *test = add(&run, "zap/munmap", VERDICT_FAIL, "part failed");

	(void)state;
	run_test_add_case(test, "whole", VERDICT_PASS, NULL);
	run_test_add_case(test, "part", VERDICT_FAIL, "pages_4k is 5\nnot 4");
	run_test_add_case(test, "swap", VERDICT_SKIP, "no swap");
	assert_query(&run, "count(/testsuites/testsuite)", 1);
	assert_query(&run, "count(//testcase)", 3);
	assert_query(&run, "count(//testcase[@name='whole']/*)", 0);
	assert_query(&run, "count(//testcase[@name='part']/failure[@type='fail'])", 1);
	assert_query(&run, "count(//failure[@message='pages_4k is 5\nnot 4'])", 1);
	assert_query(&run, "count(//testcase[@name='swap']/skipped[@message='no swap'])", 1);
	assert_query(&run, "/testsuites/@time", 2.5);
	run_release(&run);
}

static void counts_agree_with_elements(void **state)
{
	struct run run = { 0 };
	struct run_test *test;

	(void)state;
	add(&run, "zap/skipped", VERDICT_SKIP, "needs zram");
	test = add(&run, "zap/panicked", VERDICT_PANIC, "Kernel panic");
	run_test_add_case(test, "first", VERDICT_PASS, NULL);
	test = add(&run, "zap/plan", VERDICT_FAIL, "plan says 6, 1 ran");
	run_test_add_case(test, "first", VERDICT_PASS, NULL);
	test = add(&run, "zap/failed", VERDICT_FAIL, "x failed");
	run_test_add_case(test, "x", VERDICT_FAIL, NULL);
	assert_query(&run, "/testsuites/@tests - count(//testcase)", 0);
	assert_query(&run, "/testsuites/@failures - count(//failure)", 0);
	assert_query(&run, "/testsuites/@errors - count(//error)", 0);
	assert_query(&run, "/testsuites/@skipped - count(//skipped)", 0);
	assert_query(&run, "count(//testcase)", 6);
	assert_query(&run, "count(//failure)", 2);
	assert_query(&run, "count(//error[@type='panic'][@message='Kernel panic'])", 1);
	assert_query(&run, "count(//skipped[@message='needs zram'])", 1);
	run_release(&run);
}

static void known_bugs_are_no_failures(void **state)
{
	struct run run = { 0 };
	struct run_test *test = add(&run, "zap/a", VERDICT_XFAIL, "x: known bug: b");

	(void)state;
	run_test_add_case(test, "x", VERDICT_XFAIL, "known bug: b");
	run_test_add_case(test, "y", VERDICT_XPASS, "gone");
	add(&run, "zap/b", VERDICT_XFAIL, "known bug: panic");
	assert_query(&run, "count(//testcase)", 3);
	assert_query(&run, "/testsuites/@skipped", 2);
	assert_query(&run, "count(//testcase[@name='x']/skipped[@message='known bug: b'])", 1);
	assert_query(&run, "count(//testcase[@name='y']/*)", 0);
	assert_query(&run, "count(//failure) + count(//error) + /testsuites/@errors", 0);
	run_release(&run);
}

static void rounds_are_told_apart(void **state)
{
	struct run run = { 0 };

	(void)state;
	add(&run, "zap/a", VERDICT_PASS, NULL)->round = 1;
	add(&run, "zap/a", VERDICT_PASS, NULL)->round = 2;
	assert_query(&run, "count(//testsuite[@name='zap/a'])", 1);
	assert_query(&run, "count(//testsuite[@name='zap/a round 2'])", 1);
	run_release(&run);
}

static void any_bytes_stay_xml(void **state)
{
	struct run run = { 0 };
	struct run_test *test = add(&run, "zap/<\xff&\"", VERDICT_FAIL, "\x1b]]>");

	(void)state;
	run_test_add_case(test, "\xef\xbf\xbe\x01<b>", VERDICT_FAIL, "\x1b[31m & \xc0\x80\xf4\x90\x80\x80");
	assert_query(&run, "count(//testcase/failure)", 1);
	assert_query(&run, "count(//testcase[contains(@name, '<b>')])", 1);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_are_testcases),
		cmocka_unit_test(counts_agree_with_elements),
		cmocka_unit_test(known_bugs_are_no_failures),
		cmocka_unit_test(rounds_are_told_apart),
		cmocka_unit_test(any_bytes_stay_xml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
