// SPDX-License-Identifier: GPL-2.0-only
#include "scratch_store.h"

#include <errno.h>
#include <sys/wait.h>

#include "results/compare.h"
#include "results/store-show.h"

static void same_run_twice_is_one(void **state)
{
	char *folder = run_folder(state, "r", "2026-01-01T00:00:00Z", TEST("zap/munmap", "pass", "1"));
	char error[STORE_ERROR];
	struct store store;
	int64_t first, again;

	open_store(&store);
	assert_int_equal(store_import(&store, folder, &first, error), 0);
	assert_int_equal(store_import(&store, folder, &again, error), -EEXIST);
	assert_int_equal(first, again);
	assert_int_equal(rows(&store, "run"), 1);
	assert_int_equal(rows(&store, "result"), 1);
	store_close(&store);
	free(folder);
}

static void what_is_no_summary_leaves_nothing(void **state)
{
	static const char *const bad[] = {
		"", "{", "[]", "{\"format\": 99}", "{\"format\": 2, \"started\": \"x\"}",
		"{\"format\": 2, \"started\": \"x\", \"kernel\": {\"release\": \"r\"}, \"tests\":"
		" [{\"name\": \"a/b\", \"verdict\": \"splendid\"}]}",
		"{\"format\": 2, \"started\": \"x\", \"kernel\": {\"release\": \"r\"}, \"tests\":"
		" [{\"name\": \"a/b\", \"verdict\": \"pass\", \"cases\": [{\"name\": \"c\", \"verdict\": \"splendid\"}]}]}",
		"{\"format\": 2, \"started\": \"x\", \"kernel\": {\"release\": \"r\"}, \"tests\":"
		" [{\"name\": \"a/b\", \"verdict\": \"pass\", \"figures\": {\"f\": {\"unit\": \"s\", \"values\": [\"fast\"]}}}]}",
	};
	struct store store;
	char error[STORE_ERROR];
	int64_t id;

	open_store(&store);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		scratch_text(state, "bad/summary.json", bad[i]);
		char *folder = xasprintf("%s/bad", (char *)*state);

		error[0] = '\0';
		assert_true(store_import(&store, folder, &id, error) < 0);
		assert_non_null(strstr(error, "bad/summary.json"));
		assert_null(strchr(error, '\n'));
		free(folder);
	}
	assert_int_equal(rows(&store, "run"), 0);
	store_close(&store);
}

static void other_databases_are_refused(void **state)
{
	char *path = scratch_file(state, "text.db", "this is a letter, not a database at all, of some length",
				  55);
	char *newer = xasprintf("%s/newer.db", (char *)*state), error[STORE_ERROR];
	struct store store;

	assert_int_equal(store_open(&store, path, error), -EIO);
	assert_int_equal(store_open(&store, newer, error), 0);
	sqlite3_exec(store.db, "PRAGMA user_version = 99", NULL, NULL, NULL);
	store_close(&store);
	assert_int_equal(store_open(&store, newer, error), -EINVAL);
	assert_non_null(strstr(error, "newer sptest"));
	free(newer);
	free(path);
}

static void those_of_other_programs_stay_as_they_are(void **state)
{
	char *path = xasprintf("%s/other.db", (char *)*state), error[STORE_ERROR], *before, *after;
	struct store store;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE notes (a)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	before = file_read(path, NULL);
	assert_int_equal(store_open(&store, path, error), -EINVAL);
	assert_non_null(strstr(error, "another program"));
	after = file_read(path, NULL);
	assert_memory_equal(before, after, 100);
	free(after);
	free(before);
	free(path);
}

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

static void campaigns_are_pruned_like_runs(void **state)
{
	char error[STORE_ERROR];
	struct store store;

	(void)state;
	open_store(&store);
	assert_int_equal(sqlite3_exec(store.db, "INSERT INTO campaign VALUES (1, 'a', '', '1', 1, 'k', 'tdp', 'sptest'),"
				      " (2, 'b', '', '2', 1, 'k', 'tdp', 'sptest'), (3, 'c', '', '1', 1, 'k', 'tdp', 'upstream'),"
				      " (4, 'd', '', '1', 1, 'k', 'shadow', 'sptest');"
				      "INSERT INTO mutant SELECT id, 'm', '', '', 'killed', '', '', 1, 1 FROM campaign",
				      NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_prune(&store, 1, error), 1);
	assert_int_equal(rows(&store, "campaign WHERE id != 1"), 3);
	assert_int_equal(rows(&store, "mutant"), 3);
	store_close(&store);
}

/* As version 2 left it, with a run in it. */
static void an_older_one_is_brought_up_to_date(void **state)
{
	char *path = xasprintf("%s/older.db", (char *)*state), error[STORE_ERROR];
	struct store store;

	assert_int_equal(store_open(&store, path, error), 0);
	import(&store, state, "old", "2026-01-01T00:00:00Z", TEST("a/b", "fail", "1"));
	import(&store, state, "work", "2026-01-01T00:00:00Z", TEST("workload/b", "fail", "1"));
	assert_int_equal(sqlite3_exec(store.db, "UPDATE run SET suite = 'check'; ALTER TABLE test DROP COLUMN class;"
				      "ALTER TABLE campaign DROP COLUMN suite; DROP TABLE figure;"
				      "PRAGMA user_version = 2",
				      NULL, NULL, NULL), SQLITE_OK);
	store_close(&store);
	assert_int_equal(store_open(&store, path, error), 0);
	import(&store, state, "new", "2026-01-02T00:00:00Z", TEST("a/b", "fail", "1"));
	assert_int_equal(rows(&store, "test WHERE class IS NULL"), 3);
	assert_int_equal(rows(&store, "run WHERE suite = 'workloads'"), 1);
	store_close(&store);
	free(path);
}

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
	sqlite3_exec(store.db, "UPDATE run SET kernel = 'y', version = '6.12.9' WHERE id = 2", NULL, NULL, NULL);
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

static void names_are_only_text(void **state)
{
	char *text = NULL, error[STORE_ERROR];
	struct store store;
	size_t size;
	FILE *out;

	open_store(&store);
	import(&store, state, "q", "2026-01-01T00:00:00Z",
	       TEST("it's/a \\\"<b>%s\\n\\u00e9'; DROP TABLE run;--", "pass", "1"));
	assert_int_equal(rows(&store, "run"), 1);
	out = open_memstream(&text, &size);
	assert_int_equal(store_matrix(&store, out, false, error), 0);
	assert_int_equal(store_trend(&store, "no such test", out, false, error), -ENOENT);
	fclose(out);
	assert_non_null(strstr(text, "'; DROP TABLE run;--"));
	assert_ptr_equal(strchr(strchr(text, '\n') + 1, '\n'), text + size - 1);
	free(text);
	store_close(&store);
}

/* Escapes, C1 controls, ends of lines: in no word of a run, whoever wrote its summary. */
static void words_are_for_any_terminal(void **state)
{
	static const char summary[] =
		"{\"format\": 2, \"started\": \"2026-01-01T00:00:00Z\", \"mmu\": \"t\\u009bd\\np\", \"duration_s\": 1,"
		"\"kernel\": {\"release\": \"6\\u001b[2J\\r\", \"version\": \"6.1\"}, \"accel\": {\"name\": \"t\\u007f\"},"
		"\"tests\": [{\"name\": \"a/b\", \"mmu\": \"t\\u0007\", \"verdict\": \"fail\", \"reason\": \"x\\u001b]0;y\\nz\"}]}";
	char *folder = xasprintf("%s/esc", (char *)*state), error[STORE_ERROR], *text = NULL;
	struct store store;
	int64_t id = 0;
	size_t size;
	FILE *out;

	open_store(&store);
	scratch_text(state, "esc/summary.json", summary);
	assert_int_equal(store_import(&store, folder, &id, error), 0);
	out = open_memstream(&text, &size);
	assert_int_equal(store_matrix(&store, out, false, error), 0);
	assert_int_equal(store_list(&store, out, false, error), 0);
	assert_int_equal(store_trend(&store, "a/b", out, false, error), 0);
	fclose(out);
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
	assert_null(strstr(text, "\xc2\x9b"));
	assert_non_null(strstr(text, "6\xef\xbf\xbd[2J"));
	free(text);
	free(folder);
	store_close(&store);
}

static const char *const states[] = {
	"", TEST("a/b", "pass", "1"), TEST("a/b", "fail", "1"), TEST("a/b", "skip", "1"),
	TEST("a/b", "pass", "1") "," TEST("a/b", "hang", "2"), TEST("a/b", "xfail", "1"),
	TEST("a/b", "xpass", "1"),
};

#define STATES (sizeof(states) / sizeof(states[0]))

static enum change change_of(struct store *store, int64_t a, int64_t b)
{
	struct comparison comparison;
	char error[STORE_ERROR];
	enum change change;

	assert_int_equal(compare_runs(store, a, b, &comparison, error), 0);
	assert_true(comparison.count <= 1);
	change = comparison.count ? comparison.tests[0].change : CHANGE_NONE;
	comparison_free(&comparison);
	return change;
}

static enum change inverse(enum change change)
{
	switch (change) {
	case CHANGE_REGRESSION:
		return CHANGE_FIX;
	case CHANGE_FIX:
		return CHANGE_REGRESSION;
	case CHANGE_NEW:
		return CHANGE_GONE;
	case CHANGE_GONE:
		return CHANGE_NEW;
	default:
		return change;
	}
}

static void a_failure_is_what_is_shown(void **state)
{
	struct comparison comparison;
	char error[STORE_ERROR];
	struct store store;
	int64_t a, b;

	open_store(&store);
	a = import(&store, state, "f1", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1"));
	b = import(&store, state, "f2", "2026-01-02T00:00:00Z", TEST("a/b", "skip", "1") "," TEST("a/b", "panic", "2"));
	assert_int_equal(compare_runs(&store, a, b, &comparison, error), 0);
	assert_string_equal(comparison.tests[0].b.verdict, "panic");
	comparison_free(&comparison);
	store_close(&store);
}

/* Every state of a test against every other, both ways. */
static void swapping_inverts(void **state)
{
	int64_t ids[STATES];
	struct store store;
	char name[16], started[32];

	open_store(&store);
	for (size_t i = 0; i < STATES; i++) {
		snprintf(name, sizeof(name), "s%zu", i);
		snprintf(started, sizeof(started), "2026-01-0%zuT00:00:00Z", i + 1);
		ids[i] = import(&store, state, name, started, states[i]);
	}
	for (size_t i = 0; i < STATES; i++)
		for (size_t j = 0; j < STATES; j++)
			assert_int_equal(change_of(&store, ids[j], ids[i]),
					 inverse(change_of(&store, ids[i], ids[j])));
	assert_int_equal(change_of(&store, ids[1], ids[2]), CHANGE_REGRESSION);
	assert_int_equal(change_of(&store, ids[1], ids[4]), CHANGE_REGRESSION);
	assert_int_equal(change_of(&store, ids[5], ids[2]), CHANGE_REGRESSION);
	assert_int_equal(change_of(&store, ids[1], ids[5]), CHANGE_KNOWN);
	assert_int_equal(change_of(&store, ids[1], ids[3]), CHANGE_GONE);
	assert_int_equal(change_of(&store, ids[0], ids[2]), CHANGE_NEW);
	assert_int_equal(change_of(&store, ids[2], ids[4]), CHANGE_STILL);
	assert_int_equal(change_of(&store, ids[4], ids[4]), CHANGE_FLAKY);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_run_twice_is_one),
		cmocka_unit_test(what_is_no_summary_leaves_nothing),
		cmocka_unit_test(other_databases_are_refused),
		cmocka_unit_test(those_of_other_programs_stay_as_they_are),
		cmocka_unit_test(numbers_stay_small),
		cmocka_unit_test(foreign_values_are_refused),
		cmocka_unit_test(campaigns_are_pruned_like_runs),
		cmocka_unit_test(an_older_one_is_brought_up_to_date),
		cmocka_unit_test(writers_wait_for_each_other),
		cmocka_unit_test(writers_of_the_same),
		cmocka_unit_test(a_killed_writer_leaves_nothing),
		cmocka_unit_test(not_into_itself),
		cmocka_unit_test(words_find_runs),
		cmocka_unit_test(green_is_of_the_same_series),
		cmocka_unit_test(green_is_of_the_same_suite),
		cmocka_unit_test(green_had_what_fails),
		cmocka_unit_test(names_are_only_text),
		cmocka_unit_test(words_are_for_any_terminal),
		cmocka_unit_test(a_failure_is_what_is_shown),
		cmocka_unit_test(swapping_inverts),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
