// SPDX-License-Identifier: GPL-2.0-only
/* What campaigns of mutants came to: the scores of all of them, and the newest verdict of each mutant. */
#include "store-show.h"

#include <errno.h>
#include <string.h>

#include "json-text.h"
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

static json_t *score_json(sqlite3_stmt *row)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:i, s:f}", "kernel", json_text(sql_text(row, 0)),
			 "mmu", json_text(sql_text(row, 1)), "suite", json_text(sql_text(row, 2)),
			 "started", json_text(sql_text(row, 3)), "killed", sqlite3_column_int(row, 4),
			 "survived", sqlite3_column_int(row, 5), "unreached", sqlite3_column_int(row, 6),
			 "broken", sqlite3_column_int(row, 7), "median_kill_s", sqlite3_column_double(row, 8));
}

static json_t *mutant_json(sqlite3_stmt *row)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:f}", "kernel", json_text(sql_text(row, 0)),
			 "mmu", json_text(sql_text(row, 1)), "suite", json_text(sql_text(row, 2)),
			 "name", json_text(sql_text(row, 3)), "text", json_text(sql_text(row, 4)),
			 "verdict", sql_text(row, 5), "killer", json_text(sql_text(row, 6)),
			 "reason", json_text(sql_text(row, 7)), "started", json_text(sql_text(row, 8)),
			 "duration_s", sqlite3_column_double(row, 9));
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

/* Of each mutant by each suite: a campaign may have been about few. */
#define NEWEST "(SELECT kernel, mmu, suite, name, text, verdict, killer, reason, started, mutant.duration_s AS duration_s," \
	" row_number() OVER (PARTITION BY kernel, mmu, suite, name ORDER BY started DESC, campaign.id DESC) AS place" \
	" FROM mutant JOIN campaign ON campaign.id = mutant.campaign) WHERE place = 1"
#define SAID(suite) "max(CASE suite WHEN '" suite "' THEN verdict || CASE WHEN killer > '' THEN ' by ' || killer ELSE '' END END)"

static const struct table newest = {
	"\n| kernel | mmu | mutant | sptest | upstream |\n|---|---|---|---|---|\n",
	"SELECT kernel, mmu, name, " SAID("sptest") ", " SAID("upstream") " FROM " NEWEST
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

/* NULL: SQLite has the message. */
static json_t *list(struct store *store, const char *sql, json_t *(*make)(sqlite3_stmt *row))
{
	sqlite3_stmt *row = sql_prepare(store->db, sql, "");
	json_t *all = json_array();
	int err = SQLITE_ERROR;

	while (row && (err = sqlite3_step(row)) == SQLITE_ROW)
		json_array_append_new(all, make(row));
	sqlite3_finalize(row);
	if (err == SQLITE_DONE)
		return all;
	json_decref(all);
	return NULL;
}

/* Without campaigns, too: programs count them. False: SQLite has the message. */
static bool put_json(struct store *store, FILE *out)
{
	json_t *campaigns = list(store, scores.sql, score_json);
	json_t *mutants = list(store, "SELECT * FROM " NEWEST " ORDER BY kernel, mmu, name, suite", mutant_json);

	if (campaigns && mutants) {
		json_print(json_pack("{s:i, s:o, s:o}", "format", 1, "campaigns", campaigns, "mutants", mutants), out);
		return true;
	}
	json_decref(campaigns);
	json_decref(mutants);
	return false;
}

/* How many rows; negative: SQLite has the message. */
static int put_markdown(struct store *store, FILE *out)
{
	int count = put_table(store, &scores, out);

	return count > 0 ? put_table(store, &newest, out) : count;
}

int store_mutants(struct store *store, FILE *out, bool json, char error[STORE_ERROR])
{
	int count;

	if (json)
		return put_json(store, out) ? 0 : store_fail(store, error);
	count = put_markdown(store, out);
	if (count > 0)
		return 0;
	if (count)
		return store_fail(store, error);
	snprintf(error, STORE_ERROR, "%s: no campaign of mutants in it", store->path);
	return -ENOENT;
}
