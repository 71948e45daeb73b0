/* SPDX-License-Identifier: GPL-2.0-only */
/* Run folders out of nothing, and a store in memory that takes them in. */
#ifndef SPTEST_SCRATCH_STORE_H
#define SPTEST_SCRATCH_STORE_H

#include "scratch.h"

#include <sqlite3.h>

#include "results/store.h"

/* One of the tests of a summary, as text. */
#define TEST(name, verdict, round) \
	"{\"name\": \"" name "\", \"mmu\": \"tdp\", \"round\": " round ", \"verdict\": \"" verdict "\"," \
	"\"reason\": \"because\", \"duration_s\": 1, \"cases\": [{\"name\": \"c\", \"verdict\": \"pass\"}]}"

/* A run folder with one summary; tests is the inside of its array. The path is the caller's to free. */
static inline char *run_folder(void **state, const char *name, const char *started, const char *tests)
{
	char *file = xasprintf("%s/summary.json", name);
	char *text = xasprintf("{\"format\": 2, \"started\": \"%s\", \"duration_s\": 1.5, \"mmu\": \"tdp\","
			       "\"kernel\": {\"release\": \"6.12.1-x\", \"version\": \"6.12.1\"}, \"seed\": 7,"
			       "\"accel\": {\"name\": \"tcg\"}, \"coverage\": [], \"tests\": [%s]}", started, tests);
	char *folder = xasprintf("%s/%s", (char *)*state, name);

	scratch_text(state, file, text);
	free(text);
	free(file);
	return folder;
}

static inline void open_store(struct store *store)
{
	char error[STORE_ERROR];

	assert_int_equal(store_open(store, "", error), 0);
}

static inline int64_t import(struct store *store, void **state, const char *name, const char *started,
			     const char *tests)
{
	char *folder = run_folder(state, name, started, tests), error[STORE_ERROR];
	int64_t id = 0;

	assert_int_equal(store_import(store, folder, &id, error), 0);
	free(folder);
	return id;
}

/* One more run of that day, with columns set as SQL has it. */
static inline int64_t import_as(struct store *store, void **state, const char *day, const char *columns, const char *tests)
{
	static int number;
	char *name = xasprintf("as%d", ++number), *started = xasprintf("%sT00:%02d:00Z", day, number % 60);
	int64_t id = import(store, state, name, started, tests);
	char *sql = xasprintf("UPDATE run SET %s WHERE id = %lld", columns, (long long)id);

	assert_int_equal(sqlite3_exec(store->db, sql, NULL, NULL, NULL), SQLITE_OK);
	free(sql);
	free(started);
	free(name);
	return id;
}

static inline int64_t rows(struct store *store, const char *table)
{
	char *sql = xasprintf("SELECT count(*) FROM %s", table);
	sqlite3_stmt *row;
	int64_t count;

	assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	count = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	free(sql);
	return count;
}

#endif
