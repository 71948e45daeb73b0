// SPDX-License-Identifier: GPL-2.0-only
#include "choose-tests.h"

#include <stdlib.h>

#include "die.h"
#include "progress.h"

/* Those that `kept` is true for come first, in their order; the list ends behind them. */
static void keep(struct test_list *list, bool (*kept)(const struct test *test))
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct test test = list->tests[i];

		if (!kept(&test))
			continue;
		list->tests[i] = list->tests[count];
		list->tests[count++] = test;
	}
	list->count = count;
}

static bool is_every_day(const struct test *test)
{
	return !test->full;
}

static bool is_harmless(const struct test *test)
{
	return !test->destructive;
}

static void note_cases(const struct test *test, struct run *run)
{
	const char *name;
	json_t *reason;

	json_object_foreach(json_object_get(test->description, "full_cases"), name, reason)
		run_add_left(run, test->name, name, json_string_value(reason));
}

void choose_without_full(struct test_list *list, struct run *run)
{
	size_t asked = list->count;

	for (size_t i = 0; i < asked; i++) {
		const struct test *test = &list->tests[i];

		if (test->full)
			run_add_left(run, test->name, NULL, test->full);
		else
			note_cases(test, run);
	}
	keep(list, is_every_day);
	if (asked && !list->count)
		die(STATUS_USAGE, "%s is only in full runs (%s): add --full", run->left[0].test,
		    run->left[0].reason);
}

void choose_without_destructive(struct test_list *list, struct run *run)
{
	for (size_t i = 0; i < list->count; i++) {
		struct run_test *test;

		if (!list->tests[i].destructive)
			continue;
		test = run_add_test(run, list->tests[i].name);
		free(test->reason);
		test->verdict = VERDICT_SKIP;
		test->reason = xstrdup("it may upset this machine: --destructive allows it");
		progress_verdict(test);
	}
	keep(list, is_harmless);
}
