// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <regex.h>
#include <string.h>

#include "host/judge.h"
#include "host/splat.h"

#define GOOD "KTAP version 1\n1..2\nok 1 one\nok 2 two\n# witnesses: data counters\n"
#define BAD "KTAP version 1\n1..2\nok 1 one\n# it is red\nnot ok 2 two\n"
#define CUT "KTAP version 1\n1..2\nok 1 one\n"
#define NO_CASE "KTAP version 1\n1..0 # SKIP no swap\n"
#define ALL_SKIPPED "KTAP version 1\n1..1\nok 1 one # SKIP no zram\n"
#define WARNING "[    1.0] WARNING: CPU: 0 PID: 7 at mm/ksm.c:1 f+0x1/0x2\n"
#define EXITED(n) ((n) << 8)

static regex_t expected;
static struct test test = { .name = "group/name", .expected = &expected };
static struct run run;
static bool sound;	/* what judge() returned last */

struct given {
	const char *output, *log, *panic;
	enum ending ending;
	int status;
	unsigned long long taint;
	size_t expected_count;
};

static struct run_test *judged(const struct given *given)
{
	struct run_test *result = run_add_test(&run, test.name);
	char *text = strdup(given->output), *rest = text, *line;
	struct evidence evidence = {
		.ending = given->ending, .detail = "a detail", .test = &test, .ktap = ktap_new(),
		.log = given->log ? given->log : "", .panic = given->panic,
		.status = given->status, .taint_after = given->taint,
	};

	test.expected_count = given->expected_count;
	while ((line = strsep(&rest, "\n")) && (rest || *line))
		ktap_feed(evidence.ktap, line);
	sound = judge(result, &evidence);
	ktap_free(evidence.ktap);
	free(text);
	return result;
}

#define assert_judged(v, ...) \
	assert_int_equal(judged(&(struct given){ .output = __VA_ARGS__ })->verdict, v)

static void what_the_test_says(void **state)
{
	(void)state;
	assert_judged(VERDICT_PASS, GOOD);
	assert_judged(VERDICT_FAIL, BAD, .status = EXITED(1));
	assert_judged(VERDICT_SKIP, NO_CASE, .status = EXITED(4));
	assert_judged(VERDICT_SKIP, ALL_SKIPPED);
	assert_string_equal(judged(&(struct given){ .output = ALL_SKIPPED, .status = EXITED(4) })->reason,
			    "one: no zram");
	assert_judged(VERDICT_FAIL, GOOD, .status = EXITED(2));
	assert_judged(VERDICT_FAIL, GOOD, .status = 9);
}

static void what_it_says_must_hold_together(void **state)
{
	(void)state;
	assert_judged(VERDICT_FAIL, BAD);
	assert_judged(VERDICT_FAIL, CUT);
	assert_judged(VERDICT_FAIL, "");
	assert_judged(VERDICT_FAIL, "hello\n");
	assert_judged(VERDICT_FAIL, BAD, .status = EXITED(4));
	/* it began to test and stopped half-way: that is no skip */
	assert_judged(VERDICT_FAIL, CUT, .status = EXITED(4));
	assert_judged(VERDICT_FAIL, "KTAP version 1\n1..0\n");
}

static void what_the_machine_did_goes_first(void **state)
{
	(void)state;
	assert_judged(VERDICT_HANG, GOOD, .ending = ENDING_HANG);
	assert_judged(VERDICT_TIMEOUT, GOOD, .ending = ENDING_TIMEOUT, .status = 9);
	assert_judged(VERDICT_LOST, GOOD, .ending = ENDING_GONE);
	assert_judged(VERDICT_PANIC, GOOD, .ending = ENDING_GONE, .panic = "Kernel panic");
	assert_judged(VERDICT_PANIC, GOOD, .panic = "Kernel panic");
}

static void a_pass_needs_a_clean_kernel(void **state)
{
	struct run_test *result = judged(&(struct given){ .output = GOOD, .log = "x\n" WARNING "y\n" });

	(void)state;
	assert_int_equal(result->verdict, VERDICT_SPLAT);
	assert_non_null(strstr(result->reason, "mm/ksm.c:1"));
	assert_non_null(result->fingerprint);
	assert_judged(VERDICT_SPLAT, GOOD, .taint = 512);
	assert_judged(VERDICT_SPLAT, NO_CASE, .status = EXITED(4), .log = WARNING);
	assert_judged(VERDICT_FAIL, BAD, .status = EXITED(1), .log = WARNING);
}

static void declared_messages_are_no_splat(void **state)
{
	struct run_test *result = judged(&(struct given){ .output = GOOD, .log = WARNING, .taint = 512,
							  .expected_count = 1 });

	(void)state;
	assert_int_equal(result->verdict, VERDICT_PASS);
	assert_int_equal(result->expected_count, 1);
	assert_null(result->fingerprint);
	/* a second message that is not declared still counts */
	assert_judged(VERDICT_SPLAT, GOOD, .expected_count = 1,
		      .log = WARNING "[ 2.0] BUG: Bad page state in process x\n");
	/* a taint without the message is not explained by the declaration */
	assert_judged(VERDICT_SPLAT, GOOD, .expected_count = 1, .taint = 512);
}

static void cases_witnesses_and_coverage_are_kept(void **state)
{
	struct run_test *result = judged(&(struct given){ .output = BAD "# witnesses: data\n"
								    "# covers x: a\n",
							  .status = EXITED(1) });

	(void)state;
	assert_int_equal(result->case_count, 2);
	assert_int_equal(result->cases[1].verdict, VERDICT_FAIL);
	assert_string_equal(result->reason, "two: it is red");
	assert_string_equal(result->witnesses, "data");
	assert_int_equal(result->coverage.count, 1);
}

static void only_its_cases_speak(void **state)
{
	(void)state;
	assert_judged(VERDICT_FAIL, BAD, .status = EXITED(1));
	assert_true(sound);
	assert_judged(VERDICT_PASS, GOOD);
	assert_true(sound);
	assert_judged(VERDICT_FAIL, BAD);
	assert_false(sound);
	assert_judged(VERDICT_FAIL, BAD, .status = EXITED(2));
	assert_false(sound);
	assert_judged(VERDICT_FAIL, BAD, .status = 9);
	assert_false(sound);
	assert_judged(VERDICT_FAIL, "KTAP version 1\n1..2\nnot ok 1 one\n", .status = EXITED(1));
	assert_false(sound);
	assert_judged(VERDICT_FAIL, BAD, .status = EXITED(1), .log = WARNING);
	assert_false(sound);
	assert_judged(VERDICT_TIMEOUT, BAD, .ending = ENDING_TIMEOUT, .status = EXITED(1));
	assert_false(sound);
	assert_judged(VERDICT_PANIC, BAD, .panic = "Kernel panic", .status = EXITED(1));
	assert_false(sound);
}

static int set_up(void **state)
{
	(void)state;
	splat_load_file(SOURCE_DIR "/host/splats");
	return regcomp(&expected, "WARNING: .* at mm/ksm", REG_EXTENDED | REG_NOSUB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_test_says),
		cmocka_unit_test(what_it_says_must_hold_together),
		cmocka_unit_test(what_the_machine_did_goes_first),
		cmocka_unit_test(a_pass_needs_a_clean_kernel),
		cmocka_unit_test(declared_messages_are_no_splat),
		cmocka_unit_test(cases_witnesses_and_coverage_are_kept),
		cmocka_unit_test(only_its_cases_speak),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
