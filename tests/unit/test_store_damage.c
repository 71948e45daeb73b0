// SPDX-License-Identifier: GPL-2.0-only
/* Databases that are damaged, cut, half-written or not ours: a line for each, and never a wrong answer. */
#include "scratch_store.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include "results/compare-show.h"
#include "results/report-forms.h"
#include "results/report.h"
#include "results/store-show.h"

#define PAGE 4096
#define RUNS 3
#define TESTS_OF_RUN 40

/* Enough for tables and indexes of several pages. */
static char *many_tests(int run)
{
	char *all = xstrdup("");

	for (int i = 0; i < TESTS_OF_RUN; i++) {
		char *longer = xasprintf("%s%s{\"name\": \"g/t%d\", \"mmu\": \"tdp\", \"round\": 1, \"verdict\": \"%s\","
			"\"reason\": \"because\", \"duration_s\": 1, \"cases\": [{\"name\": \"c\", \"verdict\": \"pass\"},"
			"{\"name\": \"d\", \"verdict\": \"skip\"}], \"figures\": {\"f\": {\"unit\": \"s\","
			"\"less_is_better\": true, \"values\": [1, 2]}}}", all, i ? "," : "", i,
			i % 7 == run && run > 1 ? "fail" : "pass");

		free(all);
		all = longer;
	}
	return all;
}

static void import_run(struct store *store, void **state, int run)
{
	char *tests = many_tests(run), name[16], started[32];

	snprintf(name, sizeof(name), "r%d", run);
	snprintf(started, sizeof(started), "2026-01-0%dT00:00:00Z", run);
	import(store, state, name, started, tests);
	free(tests);
}

static char *scratch_path(void **state, const char *name)
{
	return xasprintf("%s/%s", (char *)*state, name);
}

/* A database of three runs, as bytes; they are the caller's to free. */
static char *make_bytes(void **state, size_t *size)
{
	char *path = scratch_path(state, "whole.db"), error[STORE_ERROR], *bytes;
	struct store store;

	unlink(path);
	assert_int_equal(store_open(&store, path, error), 0);
	for (int run = 1; run <= RUNS; run++)
		import_run(&store, state, run);
	store_close(&store);
	bytes = file_read(path, size);
	assert_non_null(bytes);
	free(path);
	return bytes;
}

static int read_list(struct store *store, FILE *out, char error[STORE_ERROR])
{
	return store_list(store, out, false, error);
}

static int read_list_json(struct store *store, FILE *out, char error[STORE_ERROR])
{
	return store_list(store, out, true, error);
}

static int read_matrix(struct store *store, FILE *out, char error[STORE_ERROR])
{
	return store_matrix(store, out, STORE_PLAIN, error);
}

static int read_trend(struct store *store, FILE *out, char error[STORE_ERROR])
{
	return store_trend(store, "g/t3", out, STORE_PLAIN, error);
}

static int read_figures(struct store *store, FILE *out, char error[STORE_ERROR])
{
	return store_figures(store, "g/t3", out, false, error);
}

static int read_mutants(struct store *store, FILE *out, char error[STORE_ERROR])
{
	return store_mutants(store, out, false, error);
}

static int read_report(struct store *store, FILE *out, char error[STORE_ERROR])
{
	struct report report;
	int64_t *ids;
	char *text;
	int err = 0, count = store_newest(store, "", &ids, error);

	if (count < 0)
		return count;
	err = report_load(&report, store, ids, count, error);
	free(ids);
	if (err)
		return err;
	text = report_json(&report);
	fputs(text, out);
	free(text);
	report_free(&report);
	return 0;
}

static int read_comparison(struct store *store, FILE *out, char error[STORE_ERROR])
{
	struct comparison comparison;
	int err = compare_runs(store, 1, 2, &comparison, error);

	if (err)
		return err;
	comparison_print(&comparison, out, false);
	comparison_free(&comparison);
	return 0;
}

/* By each kind of word. */
static int read_words(struct store *store, FILE *out, char error[STORE_ERROR])
{
	static const char *const words[] = { "2", "latest", "2026-01-02", "6.12" };
	int64_t id;
	int err = store_find(store, STORE_LAST_GREEN, 3, &id, error);

	for (size_t i = 0; !err && i < sizeof(words) / sizeof(words[0]); i++) {
		fprintf(out, "%lld\n", (long long)id);
		err = store_find(store, words[i], 0, &id, error);
	}
	fprintf(out, "%lld\n", (long long)id);
	return err;
}

static int (*const readers[])(struct store *store, FILE *out, char error[STORE_ERROR]) = {
	read_list, read_list_json, read_matrix, read_trend, read_figures, read_mutants, read_report, read_comparison, read_words,
};

#define READERS (sizeof(readers) / sizeof(readers[0]))

struct answer {
	int err;
	char *text;
	char error[STORE_ERROR];
};

static struct answer ask(const char *path, size_t reader)
{
	struct answer answer = { 0 };
	struct store store;
	size_t size;
	FILE *out = open_memstream(&answer.text, &size);

	answer.err = store_open(&store, path, answer.error);
	if (!answer.err) {
		answer.err = readers[reader](&store, out, answer.error);
		store_close(&store);
	}
	fclose(out);
	return answer;
}

static void ask_all(const char *path, struct answer answers[READERS])
{
	for (size_t i = 0; i < READERS; i++)
		answers[i] = ask(path, i);
}

static void free_answers(struct answer answers[READERS])
{
	for (size_t i = 0; i < READERS; i++)
		free(answers[i].text);
}

/* Each says the truth or, in a line, that it cannot; how many cannot. The file stays as it is. */
static size_t assert_truth(const char *path, const char *bytes, size_t size, const struct answer truth[READERS])
{
	size_t failed = 0, after_size;
	struct answer answers[READERS];
	char *after;

	assert_int_equal(file_write(path, bytes, size, 0644), 0);
	ask_all(path, answers);
	for (size_t i = 0; i < READERS; i++) {
		assert_null(strchr(answers[i].error, '\n'));
		if (answers[i].err == -EIO) {
			assert_non_null(strstr(answers[i].error, path));
			assert_non_null(strstr(answers[i].error, "make a new one of the run folders"));
			failed++;
			continue;
		}
		assert_int_equal(answers[i].err, truth[i].err);
		assert_string_equal(answers[i].error, truth[i].error);
		assert_string_equal(answers[i].text, truth[i].text);
	}
	free_answers(answers);
	after = file_read(path, &after_size);
	assert_int_equal(after_size, size);
	assert_memory_equal(after, bytes, size);
	free(after);
	return failed;
}

static void a_damaged_page_gives_no_wrong_answer(void **state)
{
	char *path = scratch_path(state, "damaged.db"), *bytes, saved[PAGE];
	struct answer truth[READERS];
	size_t size, failed = 0;

	bytes = make_bytes(state, &size);
	assert_true(size > 15 * PAGE);
	assert_int_equal(file_write(path, bytes, size, 0644), 0);
	ask_all(path, truth);
	assert_int_equal(assert_truth(path, bytes, size, truth), 0);
	for (size_t page = 0; page < size; page += PAGE) {
		memcpy(saved, bytes + page, PAGE);
		for (int fill = 0; fill <= 0xff; fill += 0xff) {
			memset(bytes + page, fill, PAGE);
			failed += assert_truth(path, bytes, size, truth);
		}
		memcpy(bytes + page, saved, PAGE);
	}
	/* Each reader needs several of the pages. */
	assert_true(failed > 4 * READERS);
	free_answers(truth);
	free(bytes);
	free(path);
}

static void a_cut_one_gives_no_wrong_answer(void **state)
{
	char *path = scratch_path(state, "cut.db"), *bytes;
	struct answer truth[READERS];
	size_t size;

	bytes = make_bytes(state, &size);
	assert_int_equal(file_write(path, bytes, size, 0644), 0);
	ask_all(path, truth);
	/* A single byte is as good as none to SQLite. */
	for (size_t part = 2; part <= size - PAGE; part += PAGE / 2 + 1)
		assert_int_equal(assert_truth(path, bytes, part, truth), READERS);
	free_answers(truth);
	free(bytes);
	free(path);
}

/* Opens a copy with one change made to it; the line that it is refused with. */
static void assert_refused(void **state, const char *change, int expected, const char *says)
{
	char *path = scratch_path(state, "changed.db"), *bytes, error[STORE_ERROR];
	struct store store;
	size_t size;
	sqlite3 *db;

	bytes = make_bytes(state, &size);
	assert_int_equal(file_write(path, bytes, size, 0644), 0);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, change, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_open(&store, path, error), expected);
	assert_non_null(strstr(error, says));
	assert_non_null(strstr(error, path));
	assert_null(strchr(error, '\n'));
	free(bytes);
	free(path);
}

static void a_table_that_is_missing_is_named(void **state)
{
	static const char *const tables[] = { "test", "result", "figure", "site", "campaign", "mutant" };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char *change = xasprintf("DROP TABLE %s", tables[i]), *says = xasprintf("no such table: %s: damaged", tables[i]);

		assert_refused(state, change, -EIO, says);
		free(says);
		free(change);
	}
	assert_refused(state, "DROP TABLE run", -EINVAL, "a database of another program");
}

static void versions_that_cannot_be_are_refused(void **state)
{
	assert_refused(state, "PRAGMA user_version = 99", -EINVAL, "made by a newer sptest");
	assert_refused(state, "PRAGMA user_version = -1", -EINVAL, "no version of sptest's");
	assert_refused(state, "PRAGMA user_version = 0", -EIO, "table run already exists");
}

static int64_t count_rows(const char *path, const char *table)
{
	char error[STORE_ERROR];
	struct store store;
	int64_t count;

	if (store_open(&store, path, error))
		fail_msg("%s", error);
	count = rows(&store, table);
	assert_int_equal(rows(&store, "pragma_integrity_check WHERE integrity_check != 'ok'"), 0);
	store_close(&store);
	return count;
}

/* What a machine leaves that lost its power: the database, and so much of the write-ahead log. */
static int64_t runs_with_log(const char *path, const char *base, size_t base_size, const char *log, size_t log_size)
{
	char *log_path = xasprintf("%s-wal", path), *shm_path = xasprintf("%s-shm", path);
	int64_t runs;

	unlink(shm_path);
	assert_int_equal(file_write(path, base, base_size, 0644), 0);
	assert_int_equal(file_write(log_path, log, log_size, 0644), 0);
	runs = count_rows(path, "run");
	assert_int_equal(count_rows(path, "test"), runs * TESTS_OF_RUN);
	assert_int_equal(count_rows(path, "result JOIN test ON test.id = test"), runs * TESTS_OF_RUN * 2);
	free(shm_path);
	free(log_path);
	return runs;
}

/* Runs are there as a whole or not at all, the older ones first, and all that the log holds. */
static void half_a_log_is_a_part_of_the_runs(void **state)
{
	char *path = scratch_path(state, "log.db"), *log_path = scratch_path(state, "log.db-wal");
	char *copy = scratch_path(state, "logged.db"), error[STORE_ERROR], *base, *log;
	size_t base_size, log_size;
	struct store store;
	int64_t before = 1;

	assert_int_equal(store_open(&store, path, error), 0);
	import_run(&store, state, 1);
	store_close(&store);
	assert_int_equal(store_open(&store, path, error), 0);
	for (int run = 2; run <= RUNS; run++)
		import_run(&store, state, run);
	base = file_read(path, &base_size);
	log = file_read(log_path, &log_size);
	assert_true(log && log_size > 4 * PAGE);
	store_close(&store);
	for (size_t part = 0; part < log_size; part += PAGE / 2 + 1) {
		int64_t runs = runs_with_log(copy, base, base_size, log, part);

		assert_true(runs >= before);
		before = runs;
	}
	assert_int_equal(before, RUNS - 1);
	assert_int_equal(runs_with_log(copy, base, base_size, log, log_size), RUNS);
	memset(log + log_size / 2, 0xa5, PAGE);
	assert_true(runs_with_log(copy, base, base_size, log, log_size) < RUNS);
	memset(log, 0xa5, log_size);
	assert_int_equal(runs_with_log(copy, base, base_size, log, log_size), 1);
	free(log);
	free(base);
	free(copy);
	free(log_path);
	free(path);
}

static void what_a_killed_writer_committed_stays(void **state)
{
	char *path = scratch_path(state, "killed.db"), error[STORE_ERROR];
	struct store store;
	int status;

	for (int run = 1; run <= RUNS; run++) {
		if (!fork()) {
			if (store_open(&store, path, error))
				_exit(1);
			import_run(&store, state, run);
			raise(SIGKILL);
		}
		wait(&status);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(count_rows(path, "run"), run);
		assert_int_equal(count_rows(path, "test"), run * TESTS_OF_RUN);
	}
	free(path);
}

/* As somebody who may not write there: 0 if it was refused with these words. */
static int refused_in_folder(const char *folder, const char *name, const char *says)
{
	char *path = xasprintf("%s/%s", folder, name), error[STORE_ERROR] = "";
	struct store store;

	if (!geteuid() && (setgid(65534) || setuid(65534)))
		_exit(2);
	if (store_open(&store, path, error) != -EIO || !strstr(error, says) || strchr(error, '\n')) {
		fprintf(stderr, "# %s: %s\n", name, error);
		_exit(1);
	}
	_exit(0);
}

static void a_folder_that_is_read_only_is_said(void **state)
{
	static const struct {
		const char *name, *says;
	} cases[] = {
		{ "there.db", "copy it to a folder where you may write" },
		{ "missing.db", "may you write to it?" },
	};
	char *folder = scratch_path(state, "ro"), *bytes, *there;
	size_t size;
	int status;

	bytes = make_bytes(state, &size);
	there = scratch_file(state, "ro/there.db", bytes, size);
	assert_int_equal(chmod(*state, 0755), 0);
	assert_int_equal(chmod(there, 0444), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!fork())
			refused_in_folder(folder, cases[i].name, cases[i].says);
		wait(&status);
		assert_int_equal(status, 0);
	}
	assert_int_equal(chmod(folder, 0755), 0);
	free(there);
	free(bytes);
	free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_damaged_page_gives_no_wrong_answer),
		cmocka_unit_test(a_cut_one_gives_no_wrong_answer),
		cmocka_unit_test(a_table_that_is_missing_is_named),
		cmocka_unit_test(versions_that_cannot_be_are_refused),
		cmocka_unit_test(half_a_log_is_a_part_of_the_runs),
		cmocka_unit_test(what_a_killed_writer_committed_stays),
		cmocka_unit_test(a_folder_that_is_read_only_is_said),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
