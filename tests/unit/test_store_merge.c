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
		"INSERT INTO figure SELECT id, 'f' || x'1b', 's', 0, 1 FROM test",
		"INSERT INTO figure SELECT id, 'f', '<b>', 0, 1 FROM test",
		"UPDATE test SET duration_s = 9e999", "UPDATE run SET duration_s = 'long'",
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

/* Escapes, C1 controls, ends of lines: as in an imported run, in no word of a merged one. */
static void words_are_cleaned(void **state)
{
	static const char *const tables[] = {
		"SELECT suite, folder, started, kernel, version, source, config_hash, accel, mmu FROM run",
		"SELECT name, mmu, fingerprint, folder, class FROM test", "SELECT name FROM result", "SELECT kind, name FROM site",
		"SELECT folder, started, kernel, mmu, suite FROM campaign", "SELECT name, text, origin, killer FROM mutant",
	};
	char *path = xasprintf("%s/hostile.db", (char *)*state), error[STORE_ERROR];
	struct store store, other;

	assert_int_equal(store_open(&other, path, error), 0);
	import(&other, state, "hostile", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1"));
#define BAD "'b' || char(27, 10, 155, 9, 127) || 'd'"
	assert_int_equal(sqlite3_exec(other.db, "UPDATE run SET suite = " BAD ", folder = " BAD ", started = " BAD ", kernel = " BAD
		", version = " BAD ", source = " BAD ", config_hash = " BAD ", accel = " BAD ", mmu = " BAD ";"
		"UPDATE test SET name = " BAD ", mmu = " BAD ", reason = " BAD ", fingerprint = " BAD ", folder = " BAD ", class = " BAD ";"
		"UPDATE result SET name = " BAD ", reason = " BAD "; INSERT INTO site VALUES (1, " BAD ", " BAD ", 1);"
		"INSERT INTO campaign VALUES (1, 'h', " BAD ", " BAD ", 1, " BAD ", " BAD ", " BAD ");"
		"INSERT INTO mutant VALUES (1, " BAD ", " BAD ", " BAD ", 'killed', " BAD ", " BAD ", 1, 1)",
		NULL, NULL, NULL), SQLITE_OK);
	store_close(&other);
	open_store(&store);
	assert_int_equal(store_merge(&store, path, error), 2);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		sqlite3_stmt *row;

		assert_int_equal(sqlite3_prepare_v2(store.db, tables[i], -1, &row, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(row), SQLITE_ROW);
		for (int column = 0; column < sqlite3_column_count(row); column++)
			assert_string_equal(sqlite3_column_text(row, column), "b\xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd" "d");
		sqlite3_finalize(row);
	}
	assert_int_equal(rows(&store, "test WHERE reason = 'b' || char(65533, 10, 65533, 9, 65533) || 'd'"), 1);
	assert_int_equal(rows(&store, "result WHERE reason LIKE '%' || char(10) || '%'"), 1);
	assert_int_equal(rows(&store, "mutant WHERE reason LIKE '%' || char(10) || '%'"), 1);
	store_close(&store);
	free(path);
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
		cmocka_unit_test(words_are_cleaned),
		cmocka_unit_test(not_into_itself),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
