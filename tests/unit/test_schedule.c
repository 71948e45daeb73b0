// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/die.h"
#include "host/durations.h"
#include "host/mmu.h"
#include "host/path.h"
#include "host/schedule.h"
#include "results/run.h"
#include "scratch.h"

static struct test tests[] = {
	{ .name = "a", .timeout_s = 20 }, { .name = "b", .timeout_s = 20 }, { .name = "c", .timeout_s = 60 },
};
static const struct test_list list = { .tests = tests, .count = 3 };

/* "a0 b0 ...": test and mode of each item; the caller's to free. */
static char *order(const struct schedule *schedule)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < schedule->count; i++) {
		char *longer = xasprintf("%s%s%s%zu", text, i ? " " : "",
					 schedule->items[i].test->name, schedule->items[i].mode);

		free(text);
		text = longer;
	}
	return text;
}

static void assert_order(size_t modes, unsigned int rounds, schedule_history *took,
			 const char *expected)
{
	struct schedule schedule;
	char *text;

	schedule_make(&schedule, &list, modes, rounds, took, NULL);
	text = order(&schedule);
	assert_string_equal(text, expected);
	free(text);
	schedule_free(&schedule);
}

static double nothing_known(const void *history, size_t mode, const char *test)
{
	(void)history;
	(void)mode;
	(void)test;
	return -1;
}

static double b_is_long_in_mode_1(const void *history, size_t mode, const char *test)
{
	(void)history;
	return strcmp(test, "b") ? 1 : mode ? 3 : 0.5;
}

static void mode_by_mode_and_round_by_round(void **state)
{
	struct schedule schedule;

	(void)state;
	assert_order(1, 1, NULL, "a0 b0 c0");
	assert_order(2, 2, NULL, "a0 b0 c0 a0 b0 c0 a1 b1 c1 a1 b1 c1");
	schedule_make(&schedule, &list, 1, 2, NULL, NULL);
	assert_int_equal(schedule.items[2].round, 0);
	assert_int_equal(schedule.items[3].round, 1);
	schedule_free(&schedule);
}

static void the_longest_comes_first(void **state)
{
	(void)state;
	assert_order(1, 1, nothing_known, "c0 a0 b0");
	assert_order(2, 1, b_is_long_in_mode_1, "a0 c0 b0 b1 a1 c1");
}

static void no_test_makes_no_item(void **state)
{
	const struct test_list none = { 0 };
	struct schedule schedule;

	(void)state;
	schedule_make(&schedule, &none, 3, 2, nothing_known, NULL);
	assert_int_equal(schedule.count, 0);
	schedule_free(&schedule);
}

static struct run_test *add(struct run *run, const char *name, const char *mmu, enum verdict verdict,
			    double seconds)
{
	struct run_test *test = run_add_test(run, name);

	test->mmu = mmu ? xstrdup(mmu) : NULL;
	test->verdict = verdict;
	test->duration_s = seconds;
	return test;
}

static void durations_are_kept_for_each_mode(void **state)
{
	const char *const modes[] = { "tdp", "shadow" };
	struct durations *durations = durations_load("tcg", false, modes, 2);
	struct run run = { 0 };

	(void)state;
	assert_true(durations_of(durations, 0, "a") < 0);
	add(&run, "a", "tdp", VERDICT_PASS, 1.5);
	add(&run, "a", "shadow", VERDICT_FAIL, 4.5);
	add(&run, "b", "tdp", VERDICT_HANG, 60);
	add(&run, "c", "tdp", VERDICT_SKIP, 0.25);
	durations_keep(durations, &run);
	durations_free(durations);
	durations = durations_load("tcg", false, modes, 2);
	assert_true(durations_of(durations, 0, "a") == 1.5);
	assert_true(durations_of(durations, 1, "a") == 4.5);
	assert_true(durations_of(durations, 0, "b") < 0);
	assert_true(durations_of(durations, 0, "c") == 0.25);
	assert_true(durations_of(durations, 1, "c") < 0);
	run_release(&run);
	add(&run, "a", NULL, VERDICT_SKIP, 0.5);
	durations_keep(durations, &run);
	durations_free(durations);
	durations = durations_load("tcg", false, modes, 1);
	assert_true(durations_of(durations, 0, "a") == 1.5);
	durations_free(durations);
	durations = durations_load("tcg", true, modes, 1);
	assert_true(durations_of(durations, 0, "a") < 0);
	durations_free(durations);
	run_release(&run);
}

static void a_spoilt_file_is_as_none(void **state)
{
	const char *const modes[] = { "tdp" };
	struct durations *durations;

	scratch_text(state, "cache/sptest/durations/kvm-tdp.json", "[1");
	durations = durations_load("kvm", false, modes, 1);
	assert_true(durations_of(durations, 0, "a") < 0);
	durations_free(durations);
}

static void modes_are_named_once_each(void **state)
{
	const char *modes[MMU_MODES];

	(void)state;
	assert_int_equal(mmu_list("all", modes), 3);
	assert_string_equal(modes[2], "shadow");
	assert_int_equal(mmu_list("shadow,tdp,shadow", modes), 2);
	assert_string_equal(modes[0], "tdp");
	assert_string_equal(modes[1], "shadow");
	assert_int_equal(mmu_list("direct", modes), 1);
	assert_int_equal(mmu_list("", modes), 0);
	assert_int_equal(mmu_list("tdp,", modes), 0);
	assert_int_equal(mmu_list("all,none", modes), 0);
}

int main(void)
{
	const struct CMUnitTest unit[] = {
		cmocka_unit_test(mode_by_mode_and_round_by_round),
		cmocka_unit_test(the_longest_comes_first),
		cmocka_unit_test(no_test_makes_no_item),
		cmocka_unit_test(durations_are_kept_for_each_mode),
		cmocka_unit_test(a_spoilt_file_is_as_none),
		cmocka_unit_test(modes_are_named_once_each),
	};

	return cmocka_run_group_tests(unit, scratch_make, scratch_remove);
}
