// SPDX-License-Identifier: GPL-2.0-only
#include "store-show.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "store-sql.h"
#include "verdict.h"

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

/* A test's rounds in one word: the worst of them. */
#define WORST "CASE WHEN sum(verdict NOT IN ('pass', 'skip', 'xfail', 'xpass')) > 0 THEN" \
	" max(CASE WHEN verdict NOT IN ('pass', 'skip', 'xfail', 'xpass') THEN verdict END)" \
	" WHEN sum(verdict = 'xfail') > 0 THEN 'xfail' WHEN sum(verdict = 'pass') > 0 THEN 'pass'" \
	" WHEN sum(verdict = 'xpass') > 0 THEN 'xpass' ELSE 'skip' END"

static const char kernels[] =
	"SELECT kernel, coalesce(version, kernel) FROM run GROUP BY kernel ORDER BY min(started), kernel";

struct column {
	char *kernel, *title;
};

/* Room for the longest verdict. */
static int cell_width(const struct column *column)
{
	size_t n = strlen(column->title);

	return n < 7 ? 7 : n;
}

/* What is in *columns is the caller's to free, also when it fails. */
static int load_columns(struct store *store, struct column **columns, size_t *count)
{
	sqlite3_stmt *row = sql_prepare(store->db, kernels, "");
	int err = SQLITE_ERROR;

	*columns = NULL;
	*count = 0;
	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		*columns = xrealloc(*columns, (*count + 1) * sizeof(**columns));
		(*columns)[(*count)++] = (struct column){
			xstrdup(sql_text(row, 0)), xstrdup(sql_text(row, 1)),
		};
	}
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? 0 : -EIO;
}

static void free_columns(struct column *columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(columns[i].kernel);
		free(columns[i].title);
	}
	free(columns);
}

static const char *tint(const char *verdict)
{
	enum verdict v = verdict_from_name(verdict);

	if (v == VERDICT_COUNT)
		return "";
	if (verdict_is_failure(v))
		return "\033[31m";
	return v == VERDICT_PASS ? "\033[32m" : "\033[33m";
}

static void print_cell(const char *verdict, int wide, FILE *out, bool colour)
{
	const char *code = colour ? tint(verdict) : "";

	fprintf(out, "  %s%-*s%s", code, wide, *verdict ? verdict : "-", *code ? "\033[0m" : "");
}

static const char cell_query[] =
	"SELECT " WORST " FROM test WHERE name = ?1 AND mmu = ?2 AND run = (SELECT run.id FROM run JOIN test ON"
	" test.run = run.id WHERE kernel = ?3 AND name = ?1 AND test.mmu = ?2"
	" ORDER BY started DESC, run.id DESC LIMIT 1) HAVING count(*) > 0";

static int print_row(struct store *store, const char *name, const char *mmu, const struct column *columns,
		     size_t count, FILE *out, bool colour)
{
	for (size_t i = 0; i < count; i++) {
		sqlite3_stmt *row = sql_prepare(store->db, cell_query, "ttt", name, mmu,
						columns[i].kernel);
		int err = row ? sqlite3_step(row) : SQLITE_ERROR;

		if (err == SQLITE_ROW || err == SQLITE_DONE)
			print_cell(err == SQLITE_ROW ? sql_text(row, 0) : "", cell_width(&columns[i]), out, colour);
		sqlite3_finalize(row);
		if (err != SQLITE_ROW && err != SQLITE_DONE)
			return -EIO;
	}
	fputc('\n', out);
	return 0;
}

static int print_rows(struct store *store, const struct column *columns, size_t count, FILE *out, bool colour)
{
	sqlite3_stmt *row = sql_prepare(store->db, "SELECT DISTINCT name, mmu FROM test ORDER BY name, mmu", "");
	int err = SQLITE_ERROR;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		fprintf(out, "%-24s %-7s", sql_text(row, 0), sql_text(row, 1));
		if (print_row(store, sql_text(row, 0), sql_text(row, 1), columns, count, out, colour)) {
			fputc('\n', out);
			break;
		}
	}
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? 0 : -EIO;
}

int store_matrix(struct store *store, FILE *out, bool colour, char error[STORE_ERROR])
{
	struct column *columns;
	size_t count;
	int err = load_columns(store, &columns, &count);

	fprintf(out, "%-24s %-7s", "", "");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "  %-*s", cell_width(&columns[i]), columns[i].title);
	fputc('\n', out);
	if (!err)
		err = print_rows(store, columns, count, out, colour);
	free_columns(columns, count);
	return err ? store_fail(store, error) : 0;
}

int store_trend(struct store *store, const char *test, FILE *out, bool colour, char error[STORE_ERROR])
{
	sqlite3_stmt *row = sql_prepare(store->db, "SELECT run.id, started, kernel, test.mmu, " WORST
		", avg(test.duration_s), max(reason) FROM test JOIN run ON run.id = test.run WHERE name = ?"
		" GROUP BY run.id, test.mmu ORDER BY started, run.id, test.mmu", "t", test);
	int err = SQLITE_ERROR;
	size_t count = 0;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		fprintf(out, "%5lld  %s  %-32s  %-7s", (long long)sqlite3_column_int64(row, 0),
			sql_text(row, 1), sql_text(row, 2), sql_text(row, 3));
		print_cell(sql_text(row, 4), 7, out, colour);
		fprintf(out, "  %6.1f s  %.*s\n", sqlite3_column_double(row, 5),
			(int)strcspn(sql_text(row, 6), "\n"), sql_text(row, 6));
		count++;
	}
	sqlite3_finalize(row);
	if (err != SQLITE_DONE)
		return store_fail(store, error);
	if (count)
		return 0;
	snprintf(error, STORE_ERROR, "%s: in no run of %s", test, store->path);
	return -ENOENT;
}
