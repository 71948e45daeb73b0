// SPDX-License-Identifier: GPL-2.0-only
/* What KCIDB gathers from several stores. */
#include "scratch_store.h"

#include "kcidb_rules.h"
#include "results/report-forms.h"
#include "results/report.h"

static json_t *kcidb_of(struct store *store, int64_t id)
{
	char error[STORE_ERROR], *text;
	struct report report;
	json_t *root;

	assert_int_equal(report_load(&report, store, &id, 1, error), 0);
	text = report_kcidb(&report);
	root = json_loads(text, 0, NULL);
	assert_kcidb(root);
	report_free(&report);
	free(text);
	return root;
}

/* Two tests whose paths look alike, one of them twice: nothing but their places tells them apart. */
#define ALIKE TEST("a/b.c", "pass", "1") "," TEST("a/b_c", "fail", "1") "," TEST("a/b_c", "pass", "1")

static void a_run_has_the_same_ids_in_each_store(void **state)
{
	char error[STORE_ERROR], *folder = run_folder(state, "k", "2026-01-01T00:00:00Z", ALIKE), *path;
	struct store one, other, merged;
	json_t *first, *second, *third;
	int64_t id, other_id;

	path = xasprintf("%s/other.db", (char *)*state);
	open_store(&one);
	assert_int_equal(store_import(&one, folder, &id, error), 0);
	assert_int_equal(store_open(&other, path, error), 0);
	import(&other, state, "before", "2025-01-01T00:00:00Z", TEST("a/a", "pass", "1"));
	assert_int_equal(store_import(&other, folder, &other_id, error), 0);
	assert_int_not_equal(id, other_id);
	first = kcidb_of(&one, id);
	second = kcidb_of(&other, other_id);
	assert_true(json_equal(first, second));
	store_close(&other);
	open_store(&merged);
	import(&merged, state, "k1", "2024-01-01T00:00:00Z", TEST("a/a", "pass", "1"));
	import(&merged, state, "k2", "2024-01-02T00:00:00Z", TEST("a/a", "pass", "1"));
	assert_int_equal(store_merge(&merged, path, error), 2);
	third = kcidb_of(&merged, 4);
	assert_true(json_equal(first, third));
	json_decref(first);
	json_decref(second);
	json_decref(third);
	store_close(&merged);
	store_close(&one);
	free(path);
	free(folder);
}

/* Two runs that began in the same second with the same seed are two. */
static void runs_that_differ_have_other_ids(void **state)
{
	struct store store;
	json_t *first, *second;
	int64_t ids[2];

	open_store(&store);
	ids[0] = import(&store, state, "d1", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1"));
	ids[1] = import(&store, state, "d2", "2026-01-01T00:00:00Z", TEST("a/b", "fail", "1"));
	first = kcidb_of(&store, ids[0]);
	second = kcidb_of(&store, ids[1]);
	assert_false(json_equal(json_object_get(json_array_get(json_object_get(first, "builds"), 0), "id"),
				json_object_get(json_array_get(json_object_get(second, "builds"), 0), "id")));
	json_decref(first);
	json_decref(second);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_has_the_same_ids_in_each_store),
		cmocka_unit_test(runs_that_differ_have_other_ids),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
