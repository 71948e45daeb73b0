// SPDX-License-Identifier: GPL-2.0-only
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "store-sql.h"

/* Behind what SQLite says. */
#define DAMAGED ": damaged, or no store of sptest: make a new one of the run folders with sptest results import"
#define NO_WRITING ": who reads writes beside it, too: copy it to a folder where you may write"

#define PATIENCE_MS 60000	/* another writer holds the database for milliseconds, on a slow disk for seconds */

/* Each brings a database from the version of its index to the next. */
static const char *const steps[] = {
	"CREATE TABLE run ("
	" id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, suite TEXT NOT NULL, folder TEXT,"
	" started TEXT NOT NULL, duration_s REAL, kernel TEXT NOT NULL, version TEXT, source TEXT,"
	" config_hash TEXT, accel TEXT, mmu TEXT, seed INTEGER, complete INTEGER);"
	"CREATE INDEX run_started ON run (started);"
	"CREATE TABLE test ("
	" id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
	" name TEXT NOT NULL, mmu TEXT NOT NULL, round INTEGER NOT NULL, verdict TEXT NOT NULL,"
	" reason TEXT, duration_s REAL, seed INTEGER, fingerprint TEXT, folder TEXT);"
	"CREATE INDEX test_run ON test (run, name, mmu);"
	"CREATE INDEX test_name ON test (name);"
	"CREATE TABLE result ("
	" test INTEGER NOT NULL REFERENCES test ON DELETE CASCADE, name TEXT NOT NULL,"
	" verdict TEXT NOT NULL, reason TEXT);"
	"CREATE INDEX result_test ON result (test);"
	"CREATE TABLE site ("
	" run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, kind TEXT NOT NULL,"
	" name TEXT NOT NULL, reached INTEGER NOT NULL);"
	"CREATE INDEX site_run ON site (run);",
	"CREATE TABLE campaign ("
	" id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, folder TEXT, started TEXT NOT NULL,"
	" duration_s REAL, kernel TEXT NOT NULL, mmu TEXT NOT NULL);"
	"CREATE TABLE mutant ("
	" campaign INTEGER NOT NULL REFERENCES campaign ON DELETE CASCADE, name TEXT NOT NULL, text TEXT,"
	" origin TEXT, verdict TEXT NOT NULL, killer TEXT, reason TEXT, duration_s REAL, tried INTEGER);"
	"CREATE INDEX mutant_campaign ON mutant (campaign);",
	"ALTER TABLE test ADD COLUMN class TEXT;",
	"ALTER TABLE campaign ADD COLUMN suite TEXT NOT NULL DEFAULT 'sptest';",
	"CREATE TABLE figure ("
	" test INTEGER NOT NULL REFERENCES test ON DELETE CASCADE, name TEXT NOT NULL, unit TEXT,"
	" less_is_better INTEGER NOT NULL, value REAL NOT NULL);"
	"CREATE INDEX figure_test ON figure (test);",
	"UPDATE run SET suite = 'workloads' WHERE id IN (SELECT run FROM test WHERE name GLOB 'workload/*');"
	"UPDATE run SET suite = 'deadlock' WHERE id IN (SELECT run FROM test WHERE name GLOB 'deadlock/*');",
	"UPDATE run SET suite = 'bench' WHERE id IN (SELECT run FROM test WHERE name GLOB 'bench/*');",
};

#define VERSION ((int)(sizeof(steps) / sizeof(steps[0])))

static const char *advice(int code)
{
	switch (code) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return DAMAGED;
	case SQLITE_READONLY:
		return NO_WRITING;
	case SQLITE_CANTOPEN:
		return ": is its folder there, and may you write to it?";
	default:
		return "";
	}
}

int store_fail(const struct store *store, char error[STORE_ERROR])
{
	int code = sqlite3_errcode(store->db);
	/* What failed may have been before the last call. */
	bool is_old = code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE;

	snprintf(error, STORE_ERROR, "%s: %s%s", store->path, is_old ? "cannot be read" : sqlite3_errmsg(store->db),
		 is_old ? DAMAGED : advice(code));
	return -EIO;
}

static int user_version(sqlite3 *db)
{
	sqlite3_stmt *statement = sql_prepare(db, "PRAGMA user_version", "");
	int version = -1;

	if (statement && sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return version;
}

static int execute(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* Under the write lock, so that of two that find an old database one waits for the other. */
static int migrate(sqlite3 *db)
{
	int err = execute(db, "BEGIN IMMEDIATE"), version;

	if (err)
		return err;
	for (version = user_version(db); !err && version < VERSION; version++) {
		char *pragma = xasprintf("PRAGMA user_version = %d", version + 1);

		err = execute(db, steps[version]);
		if (!err)
			err = execute(db, pragma);
		free(pragma);
	}
	return err ? err : execute(db, "COMMIT");
}

/* It has tables, but not ours: nothing in it may change. */
static bool is_of_another(sqlite3 *db)
{
	sqlite3_stmt *row = sql_prepare(db, "SELECT count(*) > 0 AND sum(name = 'run') = 0 FROM sqlite_master", "");
	bool other = row && sqlite3_step(row) == SQLITE_ROW && sqlite3_column_int(row, 0);

	sqlite3_finalize(row);
	return other;
}

/* None of the tables is missing. */
static bool is_whole(sqlite3 *db)
{
	sqlite3_stmt *row = sql_prepare(db, "SELECT 1 FROM run, test, result, figure, site, campaign, mutant", "");
	bool whole = row;

	sqlite3_finalize(row);
	return whole;
}

static int set_up(struct store *store, char error[STORE_ERROR])
{
	sqlite3 *db = store->db;
	int version;

	sqlite3_busy_timeout(db, PATIENCE_MS);
	if (is_of_another(db)) {
		snprintf(error, STORE_ERROR, "%s: a database of another program", store->path);
		return -EINVAL;
	}
	if (sql_add_flavour(db))
		goto sql;
	if (execute(db, "PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"))
		goto sql;
	version = user_version(db);
	if (version < 0) {
		snprintf(error, STORE_ERROR, "%s: %d is no version of sptest's: damaged, or a database of another program",
			 store->path, version);
		return -EINVAL;
	}
	if (version > VERSION) {
		snprintf(error, STORE_ERROR, "%s: made by a newer sptest (version %d, this one knows %d)",
			 store->path, version, VERSION);
		return -EINVAL;
	}
	if (version < VERSION && migrate(db))
		goto sql;
	if (!is_whole(db)) {
		snprintf(error, STORE_ERROR, "%s: %s" DAMAGED, store->path, sqlite3_errmsg(db));
		return -EIO;
	}
	return 0;
sql:
	return store_fail(store, error);
}

int store_open(struct store *store, const char *path, char error[STORE_ERROR])
{
	int err;

	store->path = xstrdup(path);
	if (sqlite3_open(*path ? path : ":memory:", &store->db)) {
		err = store_fail(store, error);
		store_close(store);
		return err;
	}
	err = set_up(store, error);
	if (err)
		store_close(store);
	return err;
}

void store_close(struct store *store)
{
	sqlite3_close(store->db);
	free(store->path);
	*store = (struct store){ 0 };
}

/* what: keep so many of each. */
static int prune(struct store *store, const char *table, const char *what, unsigned int keep, char error[STORE_ERROR])
{
	char *sql = xasprintf("DELETE FROM %s WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER"
			      " (PARTITION BY %s ORDER BY started DESC, id DESC) AS place FROM %s)"
			      " WHERE place > ?)", table, what, table);
	int err = sql_run(store->db, sql, "i", (int64_t)keep);

	free(sql);
	if (!err)
		return sqlite3_changes(store->db);
	return store_fail(store, error);
}

int store_prune(struct store *store, unsigned int keep, char error[STORE_ERROR])
{
	int runs = prune(store, "run", "suite, kernel, config_hash, mmu", keep, error);
	int campaigns = runs < 0 ? runs : prune(store, "campaign", "suite, kernel, mmu", keep, error);

	return campaigns < 0 ? campaigns : runs + campaigns;
}
