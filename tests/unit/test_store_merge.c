// SPDX-License-Identifier: GPL-2.0-only
/* A store takes in another. */
#include "scratch_store.h"

#include <errno.h>

/* Two stores that take each other in, night after night: numbers do not run away. */
static void numbers_stay_small(void **state)
{
	char *paths[2] = { xasprintf("%s/x.db", (char *)*state), xasprintf("%s/y.db", (char *)*state) };
	char error[STORE_ERROR], name[16], started[32];
	struct store store;

	for (int i = 0; i < 8; i++) {
		assert_int_equal(store_open(&store, paths[i % 2], error), 0);
		snprintf(name, sizeof(name), "n%d", i);
		snprintf(started, sizeof(started), "2026-01-0%dT00:00:00Z", i + 1);
		import(&store, state, name, started, TEST("a/b", "pass", "1"));
		assert_true(i == 0 || store_merge(&store, paths[(i + 1) % 2], error) > 0);
		assert_int_equal(rows(&store, "run"), i + 1);
		assert_int_equal(rows(&store, "result JOIN test ON test.id = test JOIN run ON run.id = run"), i + 1);
		assert_int_equal(rows(&store, "run WHERE id > 8"), 0);
		assert_int_equal(rows(&store, "test WHERE id > 8"), 0);
		store_close(&store);
	}
	free(paths[0]);
	free(paths[1]);
}

/* What another program wrote is neither taken in nor shown as if it were a verdict. */
static void foreign_values_are_refused(void **state)
{
	static const char *const changes[] = {
		"UPDATE test SET verdict = 'splendid'", "UPDATE result SET verdict = 'splendid'",
		"UPDATE test SET verdict = CAST('pass' || x'0070' AS TEXT)",
		"INSERT INTO figure SELECT id, 'f', 's', 0, 'fast' FROM test",
		"INSERT INTO figure SELECT id, 'f', 's', 0, 9e999 FROM test",
		"INSERT INTO campaign VALUES (1, 'h', 'f', 's', 1, 'k', 'tdp', 'sptest');"
		"INSERT INTO mutant VALUES (1, 'm', '', '', 'splendid', '', '', 1, 1)",
	};
	char error[STORE_ERROR];

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char *path = xasprintf("%s/foreign%zu.db", (char *)*state, i);
		struct store store, other;

		assert_int_equal(store_open(&other, path, error), 0);
		import(&other, state, "foreign", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1"));
		assert_int_equal(sqlite3_exec(other.db, changes[i], NULL, NULL, NULL), SQLITE_OK);
		store_close(&other);
		open_store(&store);
		error[0] = '\0';
		assert_int_equal(store_merge(&store, path, error), -EINVAL);
		assert_non_null(strstr(error, "none that this sptest knows"));
		assert_int_equal(rows(&store, "run"), 0);
		store_close(&store);
		free(path);
	}
}

static void not_into_itself(void **state)
{
	char *path = xasprintf("%s/self.db", (char *)*state), *other = xasprintf("%s/./self.db", (char *)*state);
	char error[STORE_ERROR];
	struct store store;

	assert_int_equal(store_open(&store, path, error), 0);
	assert_int_equal(store_merge(&store, other, error), -EINVAL);
	assert_non_null(strstr(error, "that is the store itself"));
	store_close(&store);
	free(other);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stay_small),
		cmocka_unit_test(foreign_values_are_refused),
		cmocka_unit_test(not_into_itself),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
