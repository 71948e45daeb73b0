// SPDX-License-Identifier: GPL-2.0-only
/* What is in the store, in columns and in JSON. */
#include "scratch_store.h"

#include <jansson.h>

#include "results/store-show.h"

/* The caller's to free. */
static char *shown(struct store *store, const char *trend_of, enum store_form form)
{
	char *text = NULL, error[STORE_ERROR];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (trend_of)
		assert_int_equal(store_trend(store, trend_of, out, form, error), 0);
	else
		assert_int_equal(store_matrix(store, out, form, error), 0);
	fclose(out);
	return text;
}

static void fill(struct store *store, void **state)
{
	open_store(store);
	import(store, state, "one", "2026-01-01T00:00:00Z", TEST("a/long-name", "pass", "1") "," TEST("a/\u00e9", "fail", "1"));
	assert_int_equal(sqlite3_exec(store->db, "UPDATE run SET kernel = '6.1.9-x', version = '6.1.9'", NULL, NULL, NULL),
			 SQLITE_OK);
	import(store, state, "two", "2026-01-02T00:00:00Z", TEST("a/\u9875\u8868", "timeout", "1") "," TEST("a/\u00e9", "pass", "1"));
	sqlite3_exec(store->db, "UPDATE test SET reason = '' WHERE verdict = 'pass'", NULL, NULL, NULL);
}

static void columns_are_as_wide_as_they_look(void **state)
{
	struct store store;
	char *text;

	fill(&store, state);
	text = shown(&store, NULL, STORE_PLAIN);
	assert_string_equal(text,
			    "TEST         MMU  6.1.9  6.12.1\n"
			    "a/long-name  tdp  pass   -\n"
			    "a/\u00e9          tdp  fail   pass\n"
			    "a/\u9875\u8868       tdp  -      timeout\n");
	free(text);
	text = shown(&store, NULL, STORE_COLOUR);
	assert_non_null(strstr(text, "a/\u00e9          tdp  \033[31mfail\033[0m   \033[32mpass\033[0m\n"));
	free(text);
	text = shown(&store, "a/\u00e9", STORE_PLAIN);
	assert_string_equal(text,
			    "1  2026-01-01T00:00:00Z  6.1.9-x   tdp  fail  1.0 s  because\n"
			    "2  2026-01-02T00:00:00Z  6.12.1-x  tdp  pass  1.0 s\n");
	free(text);
	store_close(&store);
}

static json_t *parsed(struct store *store, const char *trend_of)
{
	char *text = shown(store, trend_of, STORE_JSON);
	json_t *root = json_loads(text, 0, NULL);

	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "format")), 1);
	free(text);
	return root;
}

static void programs_get_the_same(void **state)
{
	json_t *root, *test, *run;
	const char *name, *verdict;
	struct store store;

	fill(&store, state);
	root = parsed(&store, NULL);
	assert_int_equal(json_array_size(json_object_get(root, "kernels")), 2);
	assert_int_equal(json_array_size(json_object_get(root, "tests")), 3);
	test = json_array_get(json_object_get(root, "tests"), 2);
	assert_int_equal(json_unpack(test, "{s:s, s:[n, s]}", "name", &name, "verdicts", &verdict), 0);
	assert_string_equal(name, "a/\u9875\u8868");
	assert_string_equal(verdict, "timeout");
	json_decref(root);
	root = parsed(&store, "a/\u00e9");
	run = json_array_get(json_object_get(root, "runs"), 0);
	assert_int_equal(json_unpack(run, "{s:s, s:s}", "kernel", &name, "verdict", &verdict), 0);
	assert_string_equal(name, "6.1.9-x");
	assert_string_equal(verdict, "fail");
	assert_int_equal(json_array_size(json_object_get(root, "runs")), 2);
	json_decref(root);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_they_look),
		cmocka_unit_test(programs_get_the_same),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
