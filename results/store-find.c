// SPDX-License-Identifier: GPL-2.0-only
/* Which runs does a person mean? */
#include "store.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/path.h"
#include "store-sql.h"

/* Whether a query has a row; -EIO. */
static int has_row(sqlite3_stmt *statement)
{
	int err = statement ? sqlite3_step(statement) : SQLITE_ERROR;

	sqlite3_finalize(statement);
	return err == SQLITE_ROW ? 1 : err == SQLITE_DONE ? 0 : -EIO;
}

/* All of a query, and how many; -EIO. What is in *ids is the caller's to free in either case. */
static int collect(sqlite3_stmt *row, int64_t **ids)
{
	int err = SQLITE_ERROR, count = 0;

	*ids = NULL;
	while (row && (err = sqlite3_step(row)) == SQLITE_ROW) {
		*ids = xrealloc(*ids, (count + 1) * sizeof(**ids));
		(*ids)[count++] = sqlite3_column_int64(row, 0);
	}
	sqlite3_finalize(row);
	return err == SQLITE_DONE ? count : -EIO;
}

#define NEWEST_FIRST " ORDER BY started DESC, id DESC"
#define NEWEST NEWEST_FIRST " LIMIT 1"
#define GREEN "EXISTS (SELECT 1 FROM test WHERE run = run.id AND verdict = 'pass') AND NOT EXISTS" \
	" (SELECT 1 FROM test WHERE run = run.id AND verdict NOT IN ('pass', 'skip', 'xfail', 'xpass'))"

static sqlite3_stmt *last_green(sqlite3 *db, int64_t like)
{
	static const char any[] = "SELECT id FROM run WHERE " GREEN NEWEST;
	static const char before[] =
		"SELECT run.id FROM run JOIN run AS other ON other.id = ? WHERE run.id != other.id AND"
		" run.suite = other.suite AND run.mmu = other.mmu AND run.accel = other.accel AND"
		" (run.started, run.id) < (other.started, other.id) AND " SQL_SERIES_OF("run")
		" = " SQL_SERIES_OF("other") " AND " SQL_FLAVOUR_OF("run") " = " SQL_FLAVOUR_OF("other") " AND " GREEN
		/* a run of a few tests says nothing of those that fail now */
		" ORDER BY (SELECT count(*) FROM test AS bad WHERE bad.run = other.id AND"
		"  bad.verdict NOT IN ('pass', 'skip', 'xfail', 'xpass') AND NOT EXISTS (SELECT 1 FROM test AS was"
		"  WHERE was.run = run.id AND was.name = bad.name AND was.mmu = bad.mmu)),"
		" " SQL_SAME_BUILD("run", "other") " DESC, run.kernel = other.kernel DESC, run.started DESC, run.id DESC LIMIT 1";

	return like ? sql_prepare(db, before, "i", like) : sql_prepare(db, any, "");
}

/* The newest of each suite, mode, accelerator and what `also` names, of the runs that `which` says. */
#define NEWEST_OF_EACH(also, which) "SELECT id FROM (SELECT id, started, row_number() OVER (PARTITION BY" \
	" suite, mmu, accel" also NEWEST_FIRST ") AS place FROM run WHERE " which ") WHERE place = 1" NEWEST_FIRST
/* "6.1" is 6.1.192, not 6.12; without LIKE, for which a word can hold wildcards */
#define NAMED(column) column " = ?1 OR substr(" column ", 1, length(?1) + 1) = ?1 || '.'"
#define OF_KERNEL NAMED("kernel") " OR " NAMED("version")
#define OF_DATE "substr(started, 1, 10) = ?"

static const char number_query[] = "SELECT id FROM run WHERE CAST(id AS TEXT) = ?";

/* A database that cannot be read is met again by the query of a number. */
static enum store_word kind_of(sqlite3 *db, const char *word)
{
	if (!strcmp(word, STORE_LAST_GREEN) || !strcmp(word, "latest") || has_row(sql_prepare(db, number_query, "t", word)))
		return STORE_RUN;
	return fnmatch("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]", word, 0) ? STORE_KERNEL : STORE_DATE;
}

static sqlite3_stmt *query_of(sqlite3 *db, const char *word, int64_t like, enum store_word kind)
{
	if (kind == STORE_DATE)
		return sql_prepare(db, NEWEST_OF_EACH(", kernel, config_hash", OF_DATE), "t", word);
	if (kind == STORE_KERNEL)
		return sql_prepare(db, NEWEST_OF_EACH("", OF_KERNEL), "t", word);
	if (!strcmp(word, STORE_LAST_GREEN))
		return last_green(db, like);
	if (!strcmp(word, "latest"))
		return sql_prepare(db, "SELECT id FROM run" NEWEST, "");
	return sql_prepare(db, number_query, "t", word);
}

/* Not only the newest. */
static sqlite3_stmt *query_all_of(sqlite3 *db, const char *word, enum store_word kind)
{
	if (kind == STORE_DATE)
		return sql_prepare(db, "SELECT id FROM run WHERE " OF_DATE NEWEST_FIRST, "t", word);
	if (kind == STORE_KERNEL)
		return sql_prepare(db, "SELECT id FROM run WHERE " OF_KERNEL NEWEST_FIRST, "t", word);
	return query_of(db, word, 0, kind);
}

static int say_none(const struct store *store, const char *word, int64_t like, char error[STORE_ERROR])
{
	const char *where = *store->path ? store->path : "the store";

	if (strcmp(word, STORE_LAST_GREEN))
		snprintf(error, STORE_ERROR, "%s: neither a run folder nor the number, kernel or date of a run in %s: see sptest results list",
			 word, where);
	else if (like)
		snprintf(error, STORE_ERROR, "%s: no green run in %s is older than run %lld and of its suite, mode, accelerator and kernel series",
			 word, where, (long long)like);
	else
		snprintf(error, STORE_ERROR, "%s: no green run in %s: each has a failure, or no test that passed",
			 word, where);
	return -ENOENT;
}

bool store_is_folder(const char *word)
{
	char *summary = xasprintf("%s/summary.json", word);
	bool is = path_exists(summary);

	free(summary);
	return is;
}

static int find_folder(struct store *store, const char *word, struct store_set *set, char error[STORE_ERROR])
{
	int64_t id;
	int err = store_import(store, word, &id, error);

	if (err && err != -EEXIST)
		return err;
	set->kind = STORE_RUN;
	set->ids = xrealloc(NULL, sizeof(*set->ids));
	set->ids[set->count++] = id;
	return 0;
}

/* Takes what a query found. */
static int fill_set(struct store *store, sqlite3_stmt *row, const char *word, int64_t like, struct store_set *set,
		    char error[STORE_ERROR])
{
	int count = collect(row, &set->ids);

	if (count > 0) {
		set->count = count;
		return 0;
	}
	if (!count)
		return say_none(store, word, like, error);
	store_set_free(set);
	return store_fail(store, error);
}

static int find_set(struct store *store, const char *word, int64_t like, struct store_set *set,
		    char error[STORE_ERROR])
{
	*set = (struct store_set){ 0 };
	if (store_is_folder(word))
		return find_folder(store, word, set, error);
	set->kind = kind_of(store->db, word);
	return fill_set(store, query_of(store->db, word, like, set->kind), word, like, set, error);
}

int store_find_set(struct store *store, const char *word, struct store_set *set, char error[STORE_ERROR])
{
	return find_set(store, word, 0, set, error);
}

int store_find_all(struct store *store, const char *word, struct store_set *set, char error[STORE_ERROR])
{
	*set = (struct store_set){ 0 };
	if (store_is_folder(word))
		return find_folder(store, word, set, error);
	set->kind = kind_of(store->db, word);
	return fill_set(store, query_all_of(store->db, word, set->kind), word, 0, set, error);
}

int store_find(struct store *store, const char *word, int64_t like, int64_t *id, char error[STORE_ERROR])
{
	struct store_set set;
	int err = find_set(store, word, like, &set, error);

	if (!err)
		*id = set.ids[0];
	store_set_free(&set);
	return err;
}

void store_set_free(struct store_set *set)
{
	free(set->ids);
	*set = (struct store_set){ 0 };
}

char *store_run_key(struct store *store, int64_t id, enum store_key key_kind)
{
	static const char sql[] = "SELECT suite || ' ' || coalesce(mmu, '') || ' ' || coalesce(accel, '') || CASE ?"
		" WHEN 1 THEN ' ' || " SQL_SERIES_OF("run") " || ' ' || " SQL_FLAVOUR_OF("run")
		" WHEN 2 THEN ' ' || kernel || ' ' || coalesce(config_hash, '') ELSE '' END FROM run WHERE id = ?";
	sqlite3_stmt *row = sql_prepare(store->db, sql, "ii", (int64_t)key_kind, id);
	char *key = row && sqlite3_step(row) == SQLITE_ROW ? xstrdup(sql_text(row, 0)) : NULL;

	sqlite3_finalize(row);
	return key;
}

int store_newest(struct store *store, const char *since, int64_t **ids, char error[STORE_ERROR])
{
	sqlite3_stmt *row = sql_prepare(store->db, "SELECT id FROM (SELECT id, row_number() OVER"
		" (PARTITION BY suite, kernel, config_hash, mmu ORDER BY started DESC, id DESC) AS place FROM run"
		" WHERE started >= ?) WHERE place = 1", "t", since);
	int count = collect(row, ids);

	if (count >= 0)
		return count;
	free(*ids);
	*ids = NULL;
	return store_fail(store, error);
}
