// SPDX-License-Identifier: GPL-2.0-only
/* Which runs do words name? */
#include "scratch_store.h"

#include <errno.h>

static void words_find_runs(void **state)
{
	struct store store;
	char error[STORE_ERROR];
	int64_t green, red, id;

	open_store(&store);
	green = import(&store, state, "g", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1"));
	red = import(&store, state, "r", "2026-01-02T00:00:00Z", TEST("a/b", "panic", "1"));
	assert_int_equal(store_find(&store, "latest", 0, &id, error), 0);
	assert_int_equal(id, red);
	assert_int_equal(store_find(&store, "last-green", 0, &id, error), 0);
	assert_int_equal(id, green);
	assert_int_equal(store_find(&store, "last-green", red, &id, error), 0);
	assert_int_equal(id, green);
	assert_int_equal(store_find(&store, "2026-01-01", 0, &id, error), 0);
	assert_int_equal(id, green);
	assert_int_equal(store_find(&store, "6.12", 0, &id, error), 0);
	assert_int_equal(id, red);
	assert_int_equal(store_find(&store, "6.1", 0, &id, error), -ENOENT);
	assert_int_equal(store_find(&store, "1", 0, &id, error), 0);
	assert_int_equal(id, green);
	assert_int_equal(store_find(&store, "0", 0, &id, error), -ENOENT);
	assert_int_equal(store_prune(&store, 1, error), 1);
	assert_int_equal(rows(&store, "run"), 1);
	assert_int_equal(rows(&store, "result"), 1);
	store_close(&store);
}

/* A kernel of another series is no yardstick, an older stable update is. */
static void green_is_of_the_same_series(void **state)
{
	struct store store;
	char error[STORE_ERROR];
	int64_t green, red, id;

	open_store(&store);
	green = import(&store, state, "s1", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1"));
	red = import(&store, state, "s2", "2026-01-01T00:00:00Z", TEST("a/b", "fail", "1"));
	sqlite3_exec(store.db, "UPDATE run SET kernel = '6.12.9-x', version = '6.12.9' WHERE id = 2", NULL, NULL, NULL);
	assert_int_equal(store_find(&store, "last-green", red, &id, error), 0);
	assert_int_equal(id, green);
	assert_int_equal(store_find(&store, "last-green", green, &id, error), -ENOENT);
	sqlite3_exec(store.db, "UPDATE run SET version = '6.1.9' WHERE id = 2", NULL, NULL, NULL);
	assert_int_equal(store_find(&store, "last-green", red, &id, error), -ENOENT);
	store_close(&store);
}

/* Nor is a run of workloads one for the tests. */
static void green_is_of_the_same_suite(void **state)
{
	struct store store;
	char error[STORE_ERROR];
	int64_t green, red, id;

	open_store(&store);
	green = import(&store, state, "g1", "2026-01-01T00:00:00Z", TEST("workload/b", "pass", "1"));
	red = import(&store, state, "g2", "2026-01-02T00:00:00Z", TEST("a/b", "fail", "1"));
	assert_int_equal(store_find(&store, "last-green", red, &id, error), -ENOENT);
	red = import(&store, state, "g3", "2026-01-03T00:00:00Z", TEST("workload/b", "fail", "1"));
	assert_int_equal(store_find(&store, "last-green", red, &id, error), 0);
	assert_int_equal(id, green);
	store_close(&store);
}

/* One of a few tests is none for those that it had not. */
static void green_had_what_fails(void **state)
{
	char error[STORE_ERROR];
	struct store store;
	int64_t whole, part, red, id;

	open_store(&store);
	whole = import(&store, state, "h1", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1") "," TEST("a/c", "pass", "1"));
	part = import(&store, state, "h2", "2026-01-02T00:00:00Z", TEST("a/b", "pass", "1"));
	red = import(&store, state, "h3", "2026-01-03T00:00:00Z", TEST("a/b", "pass", "1") "," TEST("a/c", "fail", "1"));
	assert_int_equal(store_find(&store, "last-green", red, &id, error), 0);
	assert_int_equal(id, whole);
	red = import(&store, state, "h4", "2026-01-04T00:00:00Z", TEST("a/b", "fail", "1"));
	assert_int_equal(store_find(&store, "last-green", red, &id, error), 0);
	assert_int_equal(id, part);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_find_runs),
		cmocka_unit_test(green_is_of_the_same_series),
		cmocka_unit_test(green_is_of_the_same_suite),
		cmocka_unit_test(green_had_what_fails),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
