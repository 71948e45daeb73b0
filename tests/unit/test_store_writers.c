// SPDX-License-Identifier: GPL-2.0-only
/* Many write into one store. */
#include "scratch_store.h"

#include <errno.h>
#include <sys/wait.h>

#define WRITERS 4
#define RUNS 10

static void writer(void **state, const char *path, int number)
{
	char error[STORE_ERROR], name[32], started[32];
	struct store store;
	int64_t id;

	for (int i = 0; i < RUNS; i++) {
		snprintf(name, sizeof(name), "w%d-%d", number, i);
		snprintf(started, sizeof(started), "2026-01-%02dT0%d:00:00Z", i + 1, number);
		char *folder = run_folder(state, name, started, TEST("a/b", "pass", "1"));

		if (store_open(&store, path, error) || store_import(&store, folder, &id, error))
			_exit(1);
		store_close(&store);
	}
	_exit(0);
}

static int import_all(const char *path, char *folders[RUNS])
{
	char error[STORE_ERROR];
	struct store store;
	int64_t id;

	if (store_open(&store, path, error))
		return 1;
	for (int i = 0; i < RUNS; i++) {
		int err = store_import(&store, folders[i], &id, error);

		if (err && err != -EEXIST)
			return 1;
	}
	store_close(&store);
	return 0;
}

static void writers_wait_for_each_other(void **state)
{
	char *path = xasprintf("%s/many.db", (char *)*state), error[STORE_ERROR];
	struct store store;
	int status;

	for (int i = 0; i < WRITERS; i++)
		if (!fork())
			writer(state, path, i);
	for (int i = 0; i < WRITERS; i++) {
		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_int_equal(store_open(&store, path, error), 0);
	assert_int_equal(rows(&store, "run"), WRITERS * RUNS);
	assert_int_equal(rows(&store, "test"), WRITERS * RUNS);
	store_close(&store);
	free(path);
}

/* All of them take the same folders. */
static void writers_of_the_same(void **state)
{
	char *path = xasprintf("%s/same.db", (char *)*state), error[STORE_ERROR], *folders[RUNS];
	struct store store;
	int status;

	for (int i = 0; i < RUNS; i++) {
		char name[32], started[32];

		snprintf(name, sizeof(name), "same%d", i);
		snprintf(started, sizeof(started), "2026-02-%02dT00:00:00Z", i + 1);
		folders[i] = run_folder(state, name, started, TEST("a/b", "pass", "1"));
	}
	assert_int_equal(store_open(&store, path, error), 0);
	store_close(&store);
	for (int i = 0; i < WRITERS; i++)
		if (!fork())
			_exit(import_all(path, folders));
	for (int i = 0; i < WRITERS; i++) {
		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_int_equal(store_open(&store, path, error), 0);
	assert_int_equal(rows(&store, "run"), RUNS);
	assert_int_equal(rows(&store, "test"), RUNS);
	store_close(&store);
	free(path);
}

/* What it had not committed is not there, and the next one is not kept out. */
static void a_killed_writer_leaves_nothing(void **state)
{
	char *path = xasprintf("%s/killed.db", (char *)*state), error[STORE_ERROR];
	struct store store;
	int status;

	assert_int_equal(store_open(&store, path, error), 0);
	import(&store, state, "k1", "2026-03-01T00:00:00Z", TEST("a/b", "pass", "1"));
	store_close(&store);
	if (!fork()) {
		if (store_open(&store, path, error) ||
		    sqlite3_exec(store.db, "BEGIN IMMEDIATE; DELETE FROM result; DELETE FROM test; DELETE FROM run",
				 NULL, NULL, NULL))
			_exit(1);
		raise(SIGKILL);
	}
	wait(&status);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(store_open(&store, path, error), 0);
	assert_int_equal(rows(&store, "run"), 1);
	import(&store, state, "k2", "2026-03-02T00:00:00Z", TEST("a/b", "pass", "1"));
	assert_int_equal(rows(&store, "run"), 2);
	assert_int_equal(rows(&store, "test"), 2);
	store_close(&store);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_wait_for_each_other),
		cmocka_unit_test(writers_of_the_same),
		cmocka_unit_test(a_killed_writer_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
