// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "results/run.h"
#include "results/summary.h"

static void fill(struct run *run)
{
	static const enum verdict verdicts[] = {
		VERDICT_PASS, VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP, VERDICT_PANIC,
	};

	run->kernel_release = strdup("6.12.9-cloud-amd64");
	run->accel = strdup("tcg");
	run->machine = strdup("q35, EPYC");
	run->memory_mib = 1024;
	run->cpus = 2;
	run->seed = INT64_MAX;
	run->duration_s = 12.3456;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
		char name[] = "zap/0";
		struct run_test *test;

		name[4] += i;
		test = run_add_test(run, name);
		test->verdict = verdicts[i];
		test->round = 1;
	}
	run->tests[0].witnesses = strdup(" data  counters");
	measured_take(&run->tests[0].measured, "figure reads 1.25 1/s more");
	measured_take(&run->tests[0].measured, "figure reads 1340872 1/s more");
	run_test_add_case(&run->tests[0], "whole", VERDICT_PASS, NULL);
	run_test_add_case(&run->tests[0], "part", VERDICT_SKIP, "no \"swap\"\n");
	run_add_left(run, "zap/0", "many", "9 s");
}

static json_t *read_back(const struct run *run)
{
	char *text = summary_json(run);
	json_t *root = json_loads(text, 0, NULL);

	free(text);
	assert_non_null(root);
	return root;
}

static const char *text_at(json_t *object, const char *outer, const char *inner)
{
	return json_string_value(json_object_get(json_object_get(object, outer), inner));
}

static void a_new_test_is_lost(void **state)
{
	struct run run = { 0 };
	struct run_test *test = run_add_test(&run, "zap/munmap");

	(void)state;
	assert_int_equal(test->verdict, VERDICT_LOST);
	assert_string_equal(test->reason, "never finished");
	assert_int_equal(run_totals(&run, NULL).failures, 1);
	run_release(&run);
	assert_int_equal(run.test_count, 0);
}

static void run_again_it_has_a_class(void **state)
{
	struct run_test test = { 0 };
	char *class;

	(void)state;
	assert_null(run_test_class(&test));
	test.again = 3;
	test.failed_again = 1;
	class = run_test_class(&test);
	assert_string_equal(class, "flaky 1/3");
	free(class);
	test.failed_again = 3;
	class = run_test_class(&test);
	assert_string_equal(class, "deterministic");
	free(class);
}

static void totals_count_each_test_once(void **state)
{
	struct run run = { 0 };
	struct run_totals totals;

	(void)state;
	fill(&run);
	totals = run_totals(&run, NULL);
	assert_int_equal(totals.tests, 5);
	assert_int_equal(totals.failures, 2);
	assert_int_equal(totals.by_verdict[VERDICT_PASS], 2);
	assert_int_equal(totals.by_verdict[VERDICT_PANIC], 1);
	assert_int_equal(totals.by_verdict[VERDICT_HANG], 0);
	run_release(&run);
}

static void fields_come_back(void **state)
{
	struct run run = { 0 };
	json_t *root, *test, *part, *figure, *totals;

	(void)state;
	fill(&run);
	root = read_back(&run);
	assert_int_equal(json_integer_value(json_object_get(root, "format")), RUN_FORMAT);
	assert_string_equal(text_at(root, "kernel", "release"), "6.12.9-cloud-amd64");
	assert_true(json_is_null(json_object_get(json_object_get(root, "kernel"), "source")));
	assert_string_equal(text_at(root, "accel", "name"), "tcg");
	assert_string_equal(text_at(root, "machine", "description"), "q35, EPYC");
	assert_true(json_integer_value(json_object_get(root, "seed")) == INT64_MAX);
	assert_true(json_real_value(json_object_get(root, "duration_s")) == 12.346);
	test = json_array_get(json_object_get(root, "tests"), 0);
	assert_string_equal(json_string_value(json_object_get(test, "verdict")), "pass");
	assert_int_equal(json_array_size(json_object_get(test, "witnesses")), 2);
	figure = json_object_get(json_object_get(test, "figures"), "reads");
	assert_string_equal(json_string_value(json_object_get(figure, "unit")), "1/s");
	assert_true(json_is_false(json_object_get(figure, "less_is_better")));
	assert_true(json_number_value(json_array_get(json_object_get(figure, "values"), 1)) == 1340872);
	part = json_array_get(json_object_get(test, "cases"), 1);
	assert_string_equal(json_string_value(json_object_get(part, "reason")), "no \"swap\"\n");
	totals = json_object_get(root, "totals");
	assert_int_equal(json_integer_value(json_object_get(totals, "failures")), 2);
	assert_int_equal(json_integer_value(json_object_get(totals, "panic")), 1);
	assert_int_equal(json_integer_value(json_object_get(totals, "lost")), 0);
	assert_true(json_is_false(json_object_get(root, "full")));
	part = json_array_get(json_object_get(root, "left"), 0);
	assert_string_equal(json_string_value(json_object_get(part, "test")), "zap/0");
	assert_string_equal(json_string_value(json_object_get(part, "case")), "many");
	assert_string_equal(json_string_value(json_object_get(part, "reason")), "9 s");
	json_decref(root);
	run_release(&run);
}

/* What a test prints may be anything; the text must stay JSON and keep what can be kept. */
static void any_bytes_stay_json(void **state)
{
	struct run run = { 0 };
	struct run_test *test = run_add_test(&run, "zap/\xff");
	const char *name;
	json_t *root;

	(void)state;
	run_test_add_case(test, "a\x1b[31m\xc3\xa9\xed\xa0\x80\xf0\x9f\x98\x80\xc0\xaf\xe2\x82",
			  VERDICT_FAIL, "\x01");
	root = read_back(&run);
	name = json_string_value(json_object_get(json_array_get(json_object_get(
		json_array_get(json_object_get(root, "tests"), 0), "cases"), 0), "name"));
#define BAD "\xef\xbf\xbd"
	assert_string_equal(name, "a" BAD "[31m\xc3\xa9" BAD "\xf0\x9f\x98\x80" BAD BAD BAD BAD);
	json_decref(root);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_test_is_lost),
		cmocka_unit_test(run_again_it_has_a_class),
		cmocka_unit_test(totals_count_each_test_once),
		cmocka_unit_test(fields_come_back),
		cmocka_unit_test(any_bytes_stay_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
