// SPDX-License-Identifier: GPL-2.0-only
#include "store-show.h"

#include "json-text.h"
#include "store-sql.h"
#include "text-table.h"

static const char list_query[] =
	"SELECT id, started, suite, kernel, mmu, accel, duration_s,"
	" (SELECT count(*) FROM test WHERE run = run.id),"
	" (SELECT count(*) FROM test WHERE run = run.id AND verdict NOT IN ('pass', 'skip', 'xfail', 'xpass')),"
	" folder FROM run ORDER BY started DESC, id DESC";

static json_t *run_json(sqlite3_stmt *row)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:f, s:I, s:I, s:o}",
			 "id", (json_int_t)sqlite3_column_int64(row, 0), "started", json_text(sql_text(row, 1)),
			 "suite", json_text(sql_text(row, 2)), "kernel", json_text(sql_text(row, 3)),
			 "mmu", json_text(sql_text(row, 4)), "accel", json_text(sql_text(row, 5)),
			 "duration_s", sqlite3_column_double(row, 6),
			 "tests", (json_int_t)sqlite3_column_int64(row, 7),
			 "failures", (json_int_t)sqlite3_column_int64(row, 8),
			 "folder", json_text(sql_text(row, 9)));
}

static void add_heads(struct text_table *table)
{
	static const char *const heads[] = { "RUN", "STARTED", "SUITE", "KERNEL", "MMU", "TESTS", "FAILED", "FOLDER" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		text_table_add(table, "", "%s", heads[i]);
}

static void add_row(struct text_table *table, sqlite3_stmt *row)
{
	static const int columns[] = { 0, 1, 2, 3, 4, 7, 8, 9 };

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		text_table_add(table, "", "%s", sql_text(row, columns[i]));
}

int store_list(struct store *store, FILE *out, bool json, char error[STORE_ERROR])
{
	sqlite3_stmt *row = sql_prepare(store->db, list_query, "");
	struct text_table table = { .columns = 8, .right = 1 << 0 | 1 << 5 | 1 << 6 };
	json_t *all = json_array();
	int err = SQLITE_ERROR;

	add_heads(&table);
	while (row && (err = sqlite3_step(row)) == SQLITE_ROW)
		if (json)
			json_array_append_new(all, run_json(row));
		else
			add_row(&table, row);
	sqlite3_finalize(row);
	err = err == SQLITE_DONE ? 0 : store_fail(store, error);
	if (!err && json)
		json_print(json_incref(all), out);
	else if (!err)
		text_table_print(&table, 0, out);
	json_decref(all);
	text_table_free(&table);
	return err;
}
