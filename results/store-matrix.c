// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts of tests over kernels. */
#include "store-show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "json-text.h"
#include "store-sql.h"
#include "text-table.h"
#include "verdict.h"

const char *store_tint(const char *verdict)
{
	enum verdict v = verdict_from_name(verdict);

	if (v == VERDICT_COUNT)
		return "";
	if (verdict_is_failure(v))
		return "\033[31m";
	return v == VERDICT_PASS ? "\033[32m" : "\033[33m";
}

/* Two builds of one release have different configurations. */
struct column {
	char *kernel, *config, *title;
};

struct columns {
	struct column *all;
	size_t count;
};

/* A test in a mode. */
struct line {
	char *name, *mmu;
	const char **cells;	/* verdicts, by column; NULL: none */
};

struct lines {
	struct line *all;
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
			xstrdup(sql_text(row, 0)), xstrdup(sql_text(row, 1)), xstrdup(sql_text(row, 2)),
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

static void set_cell(struct line *line, const struct columns *columns, sqlite3_stmt *row)
{
	enum verdict verdict = verdict_from_name(sql_text(row, 4));

	for (size_t i = 0; i < columns->count; i++)
		if (!strcmp(columns->all[i].kernel, sql_text(row, 2)) && !strcmp(columns->all[i].config, sql_text(row, 3)))
			line->cells[i] = verdict == VERDICT_COUNT ? "?" : verdict_name(verdict);
}

static struct line *add_line(struct lines *lines, const struct columns *columns, const char *name, const char *mmu)
{
	struct line *line;

	if (!(lines->count & (lines->count - 1)))
		lines->all = xrealloc(lines->all, (lines->count ? 2 * lines->count : 1) * sizeof(*line));
	line = &lines->all[lines->count++];
	*line = (struct line){
		.name = xstrdup(name), .mmu = xstrdup(mmu), .cells = xzalloc((columns->count + 1) * sizeof(*line->cells)),
	};
	return line;
}

/* Of the newest run of each test, mode and kernel that had it. */
static const char cells_query[] =
	"SELECT name, mmu, kernel, config, " SQL_WORST " FROM (SELECT name, test.mmu, kernel, coalesce(config_hash, '') AS config,"
	" verdict, dense_rank() OVER (PARTITION BY name, test.mmu, kernel, config_hash ORDER BY started DESC, run.id DESC)"
	" AS place FROM test JOIN run ON run.id = test.run) WHERE place = 1 GROUP BY name, mmu, kernel, config"
	" ORDER BY name, mmu";

static int load_lines(struct store *store, const struct columns *columns, struct lines *lines)
{
	sqlite3_stmt *row = sql_prepare(store->db, cells_query, "");
	struct line *line = NULL;
	int err = SQLITE_ERROR;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		if (!line || strcmp(line->name, sql_text(row, 0)) || strcmp(line->mmu, sql_text(row, 1)))
			line = add_line(lines, columns, sql_text(row, 0), sql_text(row, 1));
		set_cell(line, columns, row);
	}
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? 0 : -EIO;
}

static void free_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		free(lines->all[i].name);
		free(lines->all[i].mmu);
		free(lines->all[i].cells);
	}
	free(lines->all);
}

static void print(const struct columns *columns, const struct lines *lines, bool colour, FILE *out)
{
	struct text_table table = { .columns = columns->count + 2 };

	text_table_add(&table, "", "TEST");
	text_table_add(&table, "", "MMU");
	for (size_t i = 0; i < columns->count; i++)
		text_table_add(&table, "", "%s", columns->all[i].title);
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->all[i];

		text_table_add(&table, "", "%s", line->name);
		text_table_add(&table, "", "%s", line->mmu);
		for (size_t j = 0; j < columns->count; j++)
			text_table_add(&table, colour && line->cells[j] ? store_tint(line->cells[j]) : "", "%s",
				       line->cells[j] ? line->cells[j] : "-");
	}
	text_table_print(&table, 0, out);
	text_table_free(&table);
}

static json_t *line_json(const struct line *line, size_t count)
{
	json_t *cells = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(cells, line->cells[i] ? json_string(line->cells[i]) : json_null());
	return json_pack("{s:o, s:o, s:o}", "name", json_text(line->name), "mmu", json_text(line->mmu), "verdicts", cells);
}

static void print_json(const struct columns *columns, const struct lines *lines, FILE *out)
{
	json_t *kernels = json_array(), *tests = json_array();

	for (size_t i = 0; i < columns->count; i++)
		json_array_append_new(kernels, json_pack("{s:o, s:o, s:o}", "kernel", json_text(columns->all[i].kernel),
			"config_hash", json_text(columns->all[i].config), "title", json_text(columns->all[i].title)));
	for (size_t i = 0; i < lines->count; i++)
		json_array_append_new(tests, line_json(&lines->all[i], columns->count));
	json_print(json_pack("{s:i, s:o, s:o}", "format", 1, "kernels", kernels, "tests", tests), out);
}

int store_matrix(struct store *store, FILE *out, enum store_form form, char error[STORE_ERROR])
{
	struct columns columns = { 0 };
	struct lines lines = { 0 };
	int err = load_columns(store, &columns);

	if (!err)
		err = load_lines(store, &columns, &lines);
	if (err)
		err = store_fail(store, error);
	else if (form == STORE_JSON)
		print_json(&columns, &lines, out);
	else
		print(&columns, &lines, form == STORE_COLOUR, out);
	free_lines(&lines);
	free_columns(&columns);
	return err;
}
