// SPDX-License-Identifier: GPL-2.0-only
/* What campaigns of mutants came to, as Markdown: the scores of all of them, and the newest verdict of each mutant. */
#include "store-show.h"

#include <errno.h>
#include <string.h>

#include "markdown.h"
#include "store-sql.h"

struct table {
	const char *head, *sql;
	void (*put)(sqlite3_stmt *row, FILE *out);
};

static void put_columns(sqlite3_stmt *row, int first, int end, FILE *out)
{
	for (int i = first; i < end; i++) {
		fputs("| ", out);
		markdown_text(out, sql_text(row, i));
		fputc(' ', out);
	}
}

static void put_score(sqlite3_stmt *row, FILE *out)
{
	int killed = sqlite3_column_int(row, 4), reached = killed + sqlite3_column_int(row, 5);

	put_columns(row, 0, 4, out);
	fprintf(out, "| %d of %d (%.0f %%) | %d | %d | %.1f s |\n", killed, reached, reached ? 100.0 * killed / reached : 0,
		sqlite3_column_int(row, 6), sqlite3_column_int(row, 7), sqlite3_column_double(row, 8));
}

static void put_mutant(sqlite3_stmt *row, FILE *out)
{
	put_columns(row, 0, 2, out);
	fputs("| ", out);
	markdown_code(out, sql_text(row, 2));
	fputc(' ', out);
	put_columns(row, 3, 5, out);
	fputs("|\n", out);
}

static const struct table scores = {
	"| kernel | mmu | suite | started | killed of reached | not reached | broken | median time to the kill |\n"
	"|---|---|---|---|---|---|---|---|\n",
	"SELECT kernel, mmu, suite, started, sum(verdict = 'killed'), sum(verdict = 'survived'),"
	" sum(verdict = 'unreached'), sum(verdict = 'broken'),"
	" coalesce((SELECT seconds FROM (SELECT duration_s AS seconds, row_number() OVER (ORDER BY duration_s) AS place,"
	"  count(*) OVER () AS n FROM mutant AS m WHERE m.campaign = c.id AND m.verdict = 'killed')"
	"  WHERE place = n / 2 + 1), 0)"
	" FROM campaign AS c JOIN mutant ON mutant.campaign = c.id GROUP BY c.id ORDER BY kernel, mmu, suite, started, c.id",
	put_score,
};

/* The newest of each mutant by each suite: a campaign may have been about few. */
static const struct table newest = {
	"\n| kernel | mmu | mutant | sptest | upstream |\n|---|---|---|---|---|\n",
	"SELECT kernel, mmu, name, max(CASE suite WHEN 'sptest' THEN said END), max(CASE suite WHEN 'upstream' THEN said END)"
	" FROM (SELECT kernel, mmu, suite, name, verdict || CASE WHEN killer > '' THEN ' by ' || killer ELSE '' END AS said,"
	"  row_number() OVER (PARTITION BY kernel, mmu, suite, name ORDER BY started DESC, campaign.id DESC) AS place"
	"  FROM mutant JOIN campaign ON campaign.id = mutant.campaign) WHERE place = 1"
	" GROUP BY kernel, mmu, name ORDER BY kernel, mmu, name",
	put_mutant,
};

/* How many rows; negative: SQLite has the message. */
static int put_table(struct store *store, const struct table *table, FILE *out)
{
	sqlite3_stmt *row = sql_prepare(store->db, table->sql, "");
	int err = SQLITE_ERROR, count = 0;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		if (!count++)
			fputs(table->head, out);
		table->put(row, out);
	}
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? count : -1;
}

int store_mutants(struct store *store, FILE *out, char error[STORE_ERROR])
{
	int count = put_table(store, &scores, out);

	if (count > 0)
		count = put_table(store, &newest, out);
	if (count > 0)
		return 0;
	if (count)
		return store_fail(store, error);
	snprintf(error, STORE_ERROR, "%s: no campaign of mutants in it", store->path);
	return -ENOENT;
}
