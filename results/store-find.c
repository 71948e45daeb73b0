// SPDX-License-Identifier: GPL-2.0-only
/* Which run does a person mean? */
#include "store.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/path.h"
#include "store-sql.h"

/* The first row of a query, or 0. */
static int64_t first(sqlite3_stmt *statement)
{
	int64_t id = 0;

	if (statement && sqlite3_step(statement) == SQLITE_ROW)
		id = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return id;
}

#define NEWEST " ORDER BY started DESC, id DESC LIMIT 1"
/* "6.12" of the version 6.12.74: a stable update is held against the one before */
#define SERIES(version) "substr(" version ", 1, instr(" version ", '.') +" \
	" instr(substr(" version ", instr(" version ", '.') + 1) || '.', '.') - 1)"
#define GREEN "EXISTS (SELECT 1 FROM test WHERE run = run.id AND verdict = 'pass') AND NOT EXISTS" \
	" (SELECT 1 FROM test WHERE run = run.id AND verdict NOT IN ('pass', 'skip', 'xfail', 'xpass'))"

static int64_t last_green(sqlite3 *db, int64_t like)
{
	static const char any[] = "SELECT id FROM run WHERE " GREEN NEWEST;
	static const char before[] =
		"SELECT run.id FROM run JOIN run AS other ON other.id = ? WHERE run.id != other.id AND"
		" run.suite = other.suite AND run.mmu = other.mmu AND run.accel = other.accel AND"
		" (run.started, run.id) < (other.started, other.id) AND "
		SERIES("coalesce(run.version, run.kernel)") " = " SERIES("coalesce(other.version, other.kernel)")
		" AND " GREEN
		/* a run of a few tests says nothing of those that fail now */
		" ORDER BY (SELECT count(*) FROM test AS bad WHERE bad.run = other.id AND"
		"  bad.verdict NOT IN ('pass', 'skip', 'xfail', 'xpass') AND NOT EXISTS (SELECT 1 FROM test AS was"
		"  WHERE was.run = run.id AND was.name = bad.name AND was.mmu = bad.mmu)),"
		" run.kernel = other.kernel DESC, run.started DESC, run.id DESC LIMIT 1";

	return first(like ? sql_prepare(db, before, "i", like) : sql_prepare(db, any, ""));
}

static int64_t by_word(sqlite3 *db, const char *word, int64_t like)
{
	int64_t id;

	if (!strcmp(word, "last-green"))
		return last_green(db, like);
	if (!strcmp(word, "latest"))
		return first(sql_prepare(db, "SELECT id FROM run" NEWEST, ""));
	if (!fnmatch("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]", word, 0))
		return first(sql_prepare(db, "SELECT id FROM run WHERE substr(started, 1, 10) = ?"
					 NEWEST, "t", word));
	id = first(sql_prepare(db, "SELECT id FROM run WHERE CAST(id AS TEXT) = ?", "t", word));
	if (id)
		return id;
	/* "6.1" is 6.1.192, not 6.12 */
	return first(sql_prepare(db, "SELECT id FROM run WHERE kernel = ?1 OR version = ?1 OR"
				 " version LIKE ?1 || '.%' OR kernel LIKE ?1 || '.%'" NEWEST, "t", word));
}

int store_find(struct store *store, const char *word, int64_t like, int64_t *id, char error[STORE_ERROR])
{
	char *summary = xasprintf("%s/summary.json", word);
	int err;

	if (path_exists(summary)) {
		err = store_import(store, word, id, error);
		free(summary);
		return err == -EEXIST ? 0 : err;
	}
	free(summary);
	*id = by_word(store->db, word, like);
	if (*id)
		return 0;
	snprintf(error, STORE_ERROR, "%s: neither a run folder nor the number, kernel or date of a run in %s: see sptest results list",
		 word, *store->path ? store->path : "the store");
	return -ENOENT;
}

int store_newest(struct store *store, const char *since, int64_t **ids, char error[STORE_ERROR])
{
	sqlite3_stmt *row = sql_prepare(store->db, "SELECT id FROM (SELECT id, row_number() OVER"
		" (PARTITION BY suite, kernel, mmu ORDER BY started DESC, id DESC) AS place FROM run"
		" WHERE started >= ?) WHERE place = 1", "t", since);
	int err = SQLITE_ERROR, count = 0;

	*ids = NULL;
	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		*ids = xrealloc(*ids, (count + 1) * sizeof(**ids));
		(*ids)[count++] = sqlite3_column_int64(row, 0);
	}
	sqlite3_finalize(row);
	if (err == SQLITE_DONE)
		return count;
	snprintf(error, STORE_ERROR, "%s: %s", store->path, sqlite3_errmsg(store->db));
	free(*ids);
	*ids = NULL;
	return -EIO;
}
