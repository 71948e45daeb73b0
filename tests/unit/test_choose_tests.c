// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/choose-tests.h"
#include "host/die.h"
#include "host/progress.h"

struct list {
	struct test tests[4];
	struct test_list list;
};

/* Four tests, the second one only for full runs, the fourth destructive; some cases of the others. */
static void fill(struct list *list)
{
	static const char *const names[] = { "age/a", "cow/b", "oom/c", "zap/d" };

	*list = (struct list){ .list = { .tests = list->tests, .count = 4 } };
	for (size_t i = 0; i < 4; i++) {
		list->tests[i].name = (char *)names[i];
		list->tests[i].description = json_object();
	}
	list->tests[1].full = "forks a thousand times";
	list->tests[3].destructive = true;
	json_object_set_new(list->tests[0].description, "full_cases",
			    json_pack("{s:s, s:s}", "huge", "6 s", "many", "9 s"));
	json_object_set_new(list->tests[1].description, "full_cases",
			    json_pack("{s:s}", "one", "forks a thousand times"));
}

static void empty(struct list *list)
{
	for (size_t i = 0; i < 4; i++)
		json_decref(list->tests[i].description);
}

static void what_is_left_is_told(void **state)
{
	struct run run = { 0 };
	struct list list;

	(void)state;
	fill(&list);
	choose_without_full(&list.list, &run);
	assert_int_equal(list.list.count, 3);
	assert_string_equal(list.tests[0].name, "age/a");
	assert_string_equal(list.tests[1].name, "oom/c");
	assert_string_equal(list.tests[2].name, "zap/d");
	assert_int_equal(run.left_count, 3);
	assert_string_equal(run.left[0].test, "age/a");
	assert_string_equal(run.left[0].name, "huge");
	assert_string_equal(run.left[0].reason, "6 s");
	assert_string_equal(run.left[1].name, "many");
	assert_string_equal(run.left[2].test, "cow/b");
	assert_null(run.left[2].name);
	assert_int_equal(run.test_count, 0);
	run_release(&run);
	empty(&list);
}

static void only_full(const char *name)
{
	struct run run = { 0 };
	struct list list;

	(void)name;
	fill(&list);
	list.tests[0] = list.tests[1];
	list.list.count = 1;
	choose_without_full(&list.list, &run);
}

static void asking_for_nothing_else_is_the_users_to_mend(void **state)
{
	(void)state;
	assert_int_equal(status_of(only_full, NULL), STATUS_USAGE);
}

static void destructive_ones_are_skipped(void **state)
{
	struct run run = { 0 };
	struct list list;
	FILE *null = fopen("/dev/null", "w");

	(void)state;
	progress_init(null, false);
	fill(&list);
	choose_without_destructive(&list.list, &run);
	assert_int_equal(list.list.count, 3);
	assert_int_equal(run.test_count, 1);
	assert_string_equal(run.tests[0].name, "zap/d");
	assert_int_equal(run.tests[0].verdict, VERDICT_SKIP);
	assert_non_null(strstr(run.tests[0].reason, "--destructive"));
	run_release(&run);
	empty(&list);
	fclose(null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_is_told),
		cmocka_unit_test(asking_for_nothing_else_is_the_users_to_mend),
		cmocka_unit_test(destructive_ones_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
