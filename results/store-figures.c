// SPDX-License-Identifier: GPL-2.0-only
#include "store-show.h"

#include <errno.h>
#include <stdlib.h>

#include "json-text.h"
#include "store-sql.h"
#include "text.h"
#include "text-table.h"

/* A run's figures of one name come to their mean. */
static const char query[] =
	"SELECT f.name, run.id, started, kernel, test.mmu, avg(value), coalesce(unit, ''), count(*), max(less_is_better)"
	" FROM figure AS f JOIN test ON test.id = f.test JOIN run ON run.id = test.run WHERE test.name = ?"
	" GROUP BY f.name, run.id, test.mmu ORDER BY f.name, started, run.id, test.mmu";

static void add_heads(struct text_table *table)
{
	static const char *const heads[] = { "FIGURE", "RUN", "STARTED", "KERNEL", "MMU", "MEAN", "UNIT", "VALUES" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		text_table_add(table, "", "%s", heads[i]);
}

static void add_row(struct text_table *table, sqlite3_stmt *row)
{
	text_table_add(table, "", "%s", sql_text(row, 0));
	text_table_add(table, "", "%lld", (long long)sqlite3_column_int64(row, 1));
	for (int i = 2; i < 5; i++)
		text_table_add(table, "", "%s", sql_text(row, i));
	text_table_add(table, "", "%.6g", sqlite3_column_double(row, 5));
	text_table_add(table, "", "%s", sql_text(row, 6));
	text_table_add(table, "", "%d", sqlite3_column_int(row, 7));
}

static json_t *row_json(sqlite3_stmt *row)
{
	return json_pack("{s:o, s:I, s:o, s:o, s:o, s:f, s:o, s:I, s:b}", "name", json_text(sql_text(row, 0)),
			 "run", (json_int_t)sqlite3_column_int64(row, 1), "started", json_text(sql_text(row, 2)),
			 "kernel", json_text(sql_text(row, 3)), "mmu", json_text(sql_text(row, 4)),
			 "mean", sqlite3_column_double(row, 5), "unit", json_text(sql_text(row, 6)),
			 "values", (json_int_t)sqlite3_column_int64(row, 7), "less_is_better", sqlite3_column_int(row, 8));
}

int store_figures(struct store *store, const char *test, FILE *out, bool json, char error[STORE_ERROR])
{
	char *name = text_clean_line(test);	/* as it was taken in */
	sqlite3_stmt *row = sql_prepare(store->db, query, "t", name);
	struct text_table table = { .columns = 8, .right = 1 << 1 | 1 << 5 | 1 << 7 };
	json_t *all = json_array();
	int err = SQLITE_ERROR;

	add_heads(&table);
	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		add_row(&table, row);
		json_array_append_new(all, row_json(row));
	}
	sqlite3_finalize(row);
	err = err == SQLITE_DONE ? 0 : store_fail(store, error);
	if (!err && !json_array_size(all)) {
		snprintf(error, STORE_ERROR, "%s: measured nothing in any run of %s", name, store->path);
		err = -ENOENT;
	}
	if (!err && json)
		json_print(json_pack("{s:i, s:o, s:O}", "format", 1, "test", json_text(name), "figures", all), out);
	else if (!err)
		text_table_print(&table, 0, out);
	json_decref(all);
	text_table_free(&table);
	free(name);
	return err;
}
