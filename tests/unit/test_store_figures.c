// SPDX-License-Identifier: GPL-2.0-only
/* What tests measured, from summary.json into the store and out of it. */
#include "scratch_store.h"

#include <errno.h>

#include "results/store-show.h"

#define FIGURE(name, better, values) \
	"\"" name "\": {\"unit\": \"1/s\", \"less_is_better\": " better ", \"values\": [" values "]}"
#define MEASURED(figures) \
	"{\"name\": \"workload/w\", \"mmu\": \"tdp\", \"round\": 1, \"verdict\": \"pass\"," \
	"\"figures\": {" figures "}}"

/* The caller's to free. */
static char *shown(struct store *store, const char *test, int wanted)
{
	char *text = NULL, error[STORE_ERROR] = "";
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(store_figures(store, test, out, false, error), wanted);
	fclose(out);
	return text;
}

static void figures_come_back_as_their_mean(void **state)
{
	struct store store;
	char *text;

	open_store(&store);
	import(&store, state, "one", "2026-01-01T00:00:00Z",
	       MEASURED(FIGURE("reads", "false", "10, 20.5") ", " FIGURE("stalls", "true", "3")));
	import(&store, state, "two", "2026-01-02T00:00:00Z", MEASURED(FIGURE("reads", "false", "40")));
	assert_int_equal(rows(&store, "figure"), 4);
	assert_int_equal(rows(&store, "figure WHERE less_is_better"), 1);
	text = shown(&store, "workload/w", 0);
	assert_non_null(strstr(text, " 15.25  1/s        2\n"));
	assert_non_null(strstr(text, " 40  1/s        1\n"));
	assert_true(strstr(text, "stalls") > strstr(text, " 40  "));
	free(text);
	assert_int_equal(sqlite3_exec(store.db, "DELETE FROM run", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(rows(&store, "figure"), 0);
	store_close(&store);
}

static void who_measured_nothing_is_told(void **state)
{
	struct store store;

	open_store(&store);
	import(&store, state, "none", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1"));
	free(shown(&store, "a/b", -ENOENT));
	store_close(&store);
}

static void figures_go_along_into_another_store(void **state)
{
	char *path = xasprintf("%s/there.db", (char *)*state), error[STORE_ERROR];
	struct store store, there;

	assert_int_equal(store_open(&there, path, error), 0);
	import(&there, state, "there", "2026-01-03T00:00:00Z", MEASURED(FIGURE("reads", "false", "7, 8")));
	store_close(&there);
	open_store(&store);
	import(&store, state, "here", "2026-01-01T00:00:00Z", MEASURED(FIGURE("reads", "false", "10")));
	assert_int_equal(store_merge(&store, path, error), 1);
	assert_int_equal(rows(&store, "figure AS f JOIN test ON test.id = f.test WHERE test.name = 'workload/w'"), 3);
	assert_int_equal(rows(&store, "figure WHERE test = (SELECT max(id) FROM test)"), 2);
	store_close(&store);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_come_back_as_their_mean),
		cmocka_unit_test(who_measured_nothing_is_told),
		cmocka_unit_test(figures_go_along_into_another_store),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
