// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdio.h>

#include "lib/case-run.h"
#include "lib/describe.h"
#include "lib/exit.h"
#include "lib/full.h"
#include "lib/needs.h"
#include "lib/test.h"

static json_t *string_list(const char *const list[])
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < TEST_LIST_MAX && list[i]; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

static json_t *needs_list(const struct needs *needs)
{
	json_t *array = json_array();
	char text[256];
	size_t i;

	for (i = 0; needs_text(needs, i, text, sizeof(text)); i++)
		json_array_append_new(array, json_string(text));
	return array;
}

static json_t *case_list(void)
{
	json_t *array = json_array();
	struct case_run run = { 0 };

	while (case_run_next(&run))
		json_array_append_new(array, json_string(run.name));
	return array;
}

/* Of each case that needs more than the test does. */
static json_t *case_needs(void)
{
	json_t *object = json_object(), *needs;
	struct case_run run = { 0 };

	while (case_run_next(&run)) {
		needs = needs_list(&run.test_case->needs);
		if (json_array_size(needs))
			json_object_set_new(object, run.name, needs);
		else
			json_decref(needs);
	}
	return object;
}

static json_t *full_cases(void)
{
	json_t *object = json_object();
	struct case_run run = { 0 };

	while (case_run_next(&run))
		if (full_reason(&run))
			json_object_set_new(object, run.name, json_string(full_reason(&run)));
	return object;
}

int describe_test(void)
{
	json_t *json;
	int err;

	json = json_pack("{ss ss ss so so si sb so so so ss? so}", "name", test.name, "group", test.group,
			 "proves", test.proves, "needs", needs_list(&test.needs), "modules",
			 string_list(test.modules), "timeout_s", (int)test.timeout_s, "destructive",
			 test.destructive, "expected", string_list(test.expected), "cases",
			 case_list(), "case_needs", case_needs(), "full", test.full, "full_cases",
			 full_cases());
	if (!json)
		return EXIT_FAIL;
	err = json_dumpf(json, stdout, JSON_INDENT(2)) || puts("") < 0 || fflush(stdout);
	json_decref(json);
	return err ? EXIT_FAIL : EXIT_PASS;
}
