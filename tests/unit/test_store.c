// SPDX-License-Identifier: GPL-2.0-only
#include "scratch_store.h"

#include <errno.h>

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

#define FIGURE(name, unit) "{\"format\": 2, \"started\": \"x\", \"kernel\": {\"release\": \"r\"}, \"tests\":" \
	" [{\"name\": \"a/b\", \"verdict\": \"pass\", \"figures\": {\"" name "\": {\"unit\": \"" unit "\", \"values\": [1]}}}]}"

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
		FIGURE("a b", "s"), FIGURE("", "s"), FIGURE("f\\u001b[2J", "s"), FIGURE("f\\u00e9", "s"), FIGURE("<b>", "s"),
		FIGURE("f\\n", "s"), FIGURE("f", "a s"), FIGURE("f", "\\u009b"),
		FIGURE("a123456789b123456789c123456789d123456789e123456789f123456789g123", "s"),
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
	import(&store, state, "bench", "2026-01-01T00:00:00Z", TEST("bench/b", "fail", "1"));
	assert_int_equal(rows(&store, "run WHERE suite = 'bench'"), 1);
	assert_int_equal(sqlite3_exec(store.db, "UPDATE run SET suite = 'check'; ALTER TABLE test DROP COLUMN class;"
				      "ALTER TABLE campaign DROP COLUMN suite; DROP TABLE figure;"
				      "PRAGMA user_version = 2",
				      NULL, NULL, NULL), SQLITE_OK);
	store_close(&store);
	assert_int_equal(store_open(&store, path, error), 0);
	import(&store, state, "new", "2026-01-02T00:00:00Z", TEST("a/b", "fail", "1"));
	assert_int_equal(rows(&store, "test WHERE class IS NULL"), 4);
	assert_int_equal(rows(&store, "run WHERE suite = 'workloads'"), 1);
	assert_int_equal(rows(&store, "run WHERE suite = 'bench'"), 1);
	store_close(&store);
	free(path);
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
	assert_int_equal(store_matrix(&store, out, STORE_PLAIN, error), 0);
	assert_int_equal(store_trend(&store, "no such test", out, STORE_PLAIN, error), -ENOENT);
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
	assert_int_equal(store_matrix(&store, out, STORE_PLAIN, error), 0);
	assert_int_equal(store_list(&store, out, false, error), 0);
	assert_int_equal(store_trend(&store, "a/b", out, STORE_PLAIN, error), 0);
	fclose(out);
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
	assert_null(strstr(text, "\xc2\x9b"));
	assert_non_null(strstr(text, "6\xef\xbf\xbd[2J"));
	free(text);
	free(folder);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_run_twice_is_one),
		cmocka_unit_test(what_is_no_summary_leaves_nothing),
		cmocka_unit_test(other_databases_are_refused),
		cmocka_unit_test(those_of_other_programs_stay_as_they_are),
		cmocka_unit_test(campaigns_are_pruned_like_runs),
		cmocka_unit_test(an_older_one_is_brought_up_to_date),
		cmocka_unit_test(names_are_only_text),
		cmocka_unit_test(words_are_for_any_terminal),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
