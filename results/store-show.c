// SPDX-License-Identifier: GPL-2.0-only
#include "store-show.h"

#include <jansson.h>

#include "store-sql.h"

static const char list_query[] =
	"SELECT id, started, suite, kernel, mmu, accel, duration_s,"
	" (SELECT count(*) FROM test WHERE run = run.id),"
	" (SELECT count(*) FROM test WHERE run = run.id AND verdict NOT IN ('pass', 'skip', 'xfail', 'xpass')),"
	" folder FROM run ORDER BY started DESC, id DESC";

static json_t *run_json(sqlite3_stmt *row)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:f, s:I, s:I, s:s}",
			 "id", (json_int_t)sqlite3_column_int64(row, 0), "started", sql_text(row, 1),
			 "suite", sql_text(row, 2), "kernel", sql_text(row, 3), "mmu", sql_text(row, 4),
			 "accel", sql_text(row, 5), "duration_s", sqlite3_column_double(row, 6),
			 "tests", (json_int_t)sqlite3_column_int64(row, 7),
			 "failures", (json_int_t)sqlite3_column_int64(row, 8),
			 "folder", sql_text(row, 9));
}

int store_list(struct store *store, FILE *out, bool json, char error[STORE_ERROR])
{
	sqlite3_stmt *row = sql_prepare(store->db, list_query, "");
	json_t *all = json_array();
	int err = SQLITE_ERROR;

	if (!json)
		fprintf(out, "%5s  %-20s  %-32s  %-17s  %5s  %6s  %s\n", "RUN", "STARTED", "KERNEL", "MMU",
			"TESTS", "FAILED", "FOLDER");
	while (row && (err = sqlite3_step(row)) == SQLITE_ROW)
		if (json)
			json_array_append_new(all, run_json(row));
		else
			fprintf(out, "%5lld  %-20s  %-32s  %-17s  %5d  %6d  %s\n",
				(long long)sqlite3_column_int64(row, 0), sql_text(row, 1),
				sql_text(row, 3), sql_text(row, 4), sqlite3_column_int(row, 7),
				sqlite3_column_int(row, 8), sql_text(row, 9));
	if (json) {
		json_dumpf(all, out, JSON_INDENT(2));
		fputc('\n', out);
	}
	json_decref(all);
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? 0 : store_fail(store, error);
}
