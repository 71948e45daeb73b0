// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts of tests over kernels, and over time. */
#include "store-show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "store-sql.h"
#include "verdict.h"

/* A test's rounds in one word: the worst of them. */
#define WORST "CASE WHEN sum(verdict NOT IN ('pass', 'skip', 'xfail', 'xpass')) > 0 THEN" \
	" max(CASE WHEN verdict NOT IN ('pass', 'skip', 'xfail', 'xpass') THEN verdict END)" \
	" WHEN sum(verdict = 'xfail') > 0 THEN 'xfail' WHEN sum(verdict = 'pass') > 0 THEN 'pass'" \
	" WHEN sum(verdict = 'xpass') > 0 THEN 'xpass' ELSE 'skip' END"

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

/* Two builds of one release have different configurations. */
struct column {
	char *kernel, *config, *title;
	const char *cell;	/* verdict of the line that is being read; "": none */
};

struct columns {
	struct column *all;
	size_t count;
};

/* A version that several kernels have is told by the release, and a release by its configuration. */
static const char columns_query[] =
	"SELECT kernel, config, CASE WHEN releases > 1 THEN kernel || ' ' || substr(config, 1, 8)"
	" WHEN versions > 1 THEN kernel ELSE version END FROM (SELECT *, count(*) OVER (PARTITION BY kernel) AS releases,"
	"  count(*) OVER (PARTITION BY version) AS versions FROM (SELECT kernel, coalesce(config_hash, '') AS config,"
	"  coalesce(version, kernel) AS version, min(started) AS began FROM run GROUP BY kernel, config))"
	" ORDER BY began, kernel, config";

static int load_columns(struct store *store, struct columns *columns)
{
	sqlite3_stmt *row = sql_prepare(store->db, columns_query, "");
	int err = SQLITE_ERROR;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		columns->all = xrealloc(columns->all, (columns->count + 1) * sizeof(*columns->all));
		columns->all[columns->count++] = (struct column){
			xstrdup(sql_text(row, 0)), xstrdup(sql_text(row, 1)), xstrdup(sql_text(row, 2)), "",
		};
	}
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? 0 : -EIO;
}

static void free_columns(struct columns *columns)
{
	for (size_t i = 0; i < columns->count; i++) {
		free(columns->all[i].kernel);
		free(columns->all[i].config);
		free(columns->all[i].title);
	}
	free(columns->all);
}

/* Room for the longest verdict. */
static int cell_width(const struct column *column)
{
	size_t n = strlen(column->title);

	return n < 7 ? 7 : n;
}

static void print_titles(const struct columns *columns, FILE *out)
{
	fprintf(out, "%-24s %-7s", "", "");
	for (size_t i = 0; i < columns->count; i++)
		fprintf(out, "  %-*s", cell_width(&columns->all[i]), columns->all[i].title);
	fputc('\n', out);
}

static void set_cell(struct columns *columns, const char *kernel, const char *config, const char *verdict)
{
	for (size_t i = 0; i < columns->count; i++)
		if (!strcmp(columns->all[i].kernel, kernel) && !strcmp(columns->all[i].config, config))
			columns->all[i].cell = verdict_name(verdict_from_name(verdict));
}

static void print_cells(struct columns *columns, FILE *out, bool colour)
{
	for (size_t i = 0; i < columns->count; i++) {
		print_cell(columns->all[i].cell, cell_width(&columns->all[i]), out, colour);
		columns->all[i].cell = "";
	}
	fputc('\n', out);
}

/* Of the newest run of each test, mode and kernel that had it. */
static const char cells_query[] =
	"SELECT name, mmu, kernel, config, " WORST " FROM (SELECT name, test.mmu, kernel, coalesce(config_hash, '') AS config,"
	" verdict, dense_rank() OVER (PARTITION BY name, test.mmu, kernel, config_hash ORDER BY started DESC, run.id DESC)"
	" AS place FROM test JOIN run ON run.id = test.run) WHERE place = 1 GROUP BY name, mmu, kernel, config"
	" ORDER BY name, mmu";

static int print_rows(struct store *store, struct columns *columns, FILE *out, bool colour)
{
	sqlite3_stmt *row = sql_prepare(store->db, cells_query, "");
	char *line = NULL;
	int err = SQLITE_ERROR;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		char *next = xasprintf("%s\n%s", sql_text(row, 0), sql_text(row, 1));

		if (!line || strcmp(line, next)) {
			if (line)
				print_cells(columns, out, colour);
			fprintf(out, "%-24s %-7s", sql_text(row, 0), sql_text(row, 1));
		}
		free(line);
		line = next;
		set_cell(columns, sql_text(row, 2), sql_text(row, 3), sql_text(row, 4));
	}
	if (line)
		print_cells(columns, out, colour);
	free(line);
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? 0 : -EIO;
}

int store_matrix(struct store *store, FILE *out, bool colour, char error[STORE_ERROR])
{
	struct columns columns = { 0 };
	int err = load_columns(store, &columns);

	print_titles(&columns, out);
	if (!err)
		err = print_rows(store, &columns, out, colour);
	free_columns(&columns);
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
