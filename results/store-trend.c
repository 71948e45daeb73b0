// SPDX-License-Identifier: GPL-2.0-only
/* One test over time. */
#include "store-show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json-text.h"
#include "store-sql.h"
#include "text.h"
#include "text-table.h"

static const char query[] =
	"SELECT run.id, started, kernel, test.mmu, " SQL_WORST ", avg(test.duration_s), max(reason) FROM test"
	" JOIN run ON run.id = test.run WHERE name = ? GROUP BY run.id, test.mmu ORDER BY started, run.id, test.mmu";

static void add_row(struct text_table *table, sqlite3_stmt *row, bool colour)
{
	text_table_add(table, "", "%lld", (long long)sqlite3_column_int64(row, 0));
	for (int i = 1; i < 4; i++)
		text_table_add(table, "", "%s", sql_text(row, i));
	text_table_add(table, colour ? store_tint(sql_text(row, 4)) : "", "%s", sql_text(row, 4));
	text_table_add(table, "", "%.1f s", sqlite3_column_double(row, 5));
	text_table_add(table, "", "%.*s", (int)strcspn(sql_text(row, 6), "\n"), sql_text(row, 6));
}

static json_t *row_json(sqlite3_stmt *row)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:f, s:o}", "run", (json_int_t)sqlite3_column_int64(row, 0),
			 "started", json_text(sql_text(row, 1)), "kernel", json_text(sql_text(row, 2)),
			 "mmu", json_text(sql_text(row, 3)), "verdict", json_text(sql_text(row, 4)),
			 "duration_s", sqlite3_column_double(row, 5), "reason", json_text(sql_text(row, 6)));
}

int store_trend(struct store *store, const char *test, FILE *out, enum store_form form, char error[STORE_ERROR])
{
	char *name = text_clean_line(test);	/* as it was taken in */
	sqlite3_stmt *row = sql_prepare(store->db, query, "t", name);
	struct text_table table = { .columns = 7, .right = 1 << 0 | 1 << 5 };
	json_t *runs = json_array();
	int err = SQLITE_ERROR;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		add_row(&table, row, form == STORE_COLOUR);
		json_array_append_new(runs, row_json(row));
	}
	sqlite3_finalize(row);
	err = err == SQLITE_DONE ? 0 : store_fail(store, error);
	if (!err && !table.count) {
		snprintf(error, STORE_ERROR, "%s: in no run of %s", name, store->path);
		err = -ENOENT;
	}
	if (!err && form == STORE_JSON)
		json_print(json_pack("{s:i, s:o, s:O}", "format", 1, "test", json_text(name), "runs", runs), out);
	else if (!err)
		text_table_print(&table, 0, out);
	json_decref(runs);
	text_table_free(&table);
	free(name);
	return err;
}
