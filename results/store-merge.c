// SPDX-License-Identifier: GPL-2.0-only
/* Runs and campaigns of one store into another; those that it has are left alone. */
#include "store.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "store-check.h"
#include "store-sql.h"

/* What is new is numbered anew, behind what is there and without gaps: gaps would double with each exchange of two stores. */
#define FRESH(table, of) \
	"CREATE TEMP TABLE fresh_" table " AS SELECT id AS old, row_number() OVER (ORDER BY id) +" \
	" (SELECT coalesce(max(id), 0) FROM main." table ") AS id FROM other." table " WHERE " of
#define UNKNOWN(table) "hash NOT IN (SELECT hash FROM main." table ")"
/* Whoever wrote the other one: words as those of an imported run. */
#define LINE(column) " clean_line(" column "), "

static const char *const steps[] = {
	"BEGIN IMMEDIATE",
	FRESH("run", UNKNOWN("run")),
	FRESH("campaign", UNKNOWN("campaign")),
	FRESH("test", "run IN (SELECT old FROM fresh_run)"),
	"CREATE UNIQUE INDEX temp.fresh_test_old ON fresh_test (old)",
	"INSERT INTO main.run SELECT f.id, hash, " LINE("suite") LINE("folder") LINE("started") "duration_s,"
	LINE("kernel") LINE("version") LINE("source") LINE("config_hash") LINE("accel") LINE("mmu")
	" seed, complete FROM fresh_run AS f JOIN other.run AS r ON r.id = f.old",
	"INSERT INTO main.test SELECT f.id, r.id, " LINE("name") LINE("mmu") "round, verdict, clean_text(reason), duration_s,"
	" seed, " LINE("fingerprint") LINE("folder") "clean_line(class)"
	" FROM fresh_test AS f JOIN other.test AS t ON t.id = f.old JOIN fresh_run AS r ON r.old = t.run",
	"INSERT INTO main.result SELECT f.id, " LINE("name") "verdict, clean_text(reason) FROM other.result AS r"
	" JOIN fresh_test AS f ON f.old = r.test ORDER BY r.rowid",
	"INSERT INTO main.figure SELECT f.id, name, unit, less_is_better, value FROM other.figure AS v JOIN fresh_test AS f"
	" ON f.old = v.test ORDER BY v.rowid",
	"INSERT INTO main.site SELECT f.id, " LINE("kind") LINE("name") "reached FROM other.site AS s JOIN fresh_run AS f"
	" ON f.old = s.run",
	"INSERT INTO main.campaign SELECT f.id, hash, " LINE("folder") LINE("started") "duration_s,"
	LINE("kernel") LINE("mmu") "clean_line(suite) FROM fresh_campaign AS f JOIN other.campaign AS c ON c.id = f.old",
	"INSERT INTO main.mutant SELECT f.id, " LINE("name") LINE("text") LINE("origin") "verdict," LINE("killer")
	" clean_text(reason), duration_s, tried FROM other.mutant AS m JOIN fresh_campaign AS f ON f.old = m.campaign ORDER BY m.rowid",

};

static int count_fresh(sqlite3 *db)
{
	sqlite3_stmt *row = sql_prepare(db, "SELECT (SELECT count(*) FROM fresh_run) +"
					" (SELECT count(*) FROM fresh_campaign)", "");
	int count = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int(row, 0) : 0;

	sqlite3_finalize(row);
	return count;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int store_merge(struct store *store, const char *path, char error[STORE_ERROR])
{
	struct store other;
	int err, count = 0;

	if (is_same_file(store->path, path)) {
		snprintf(error, STORE_ERROR, "%s: that is the store itself", path);
		return -EINVAL;
	}

	/* Opening brings it up to date; then both have the same tables. */
	err = store_open(&other, path, error);
	if (err)
		return err;
	err = store_check(&other, error);
	store_close(&other);
	if (err)
		return err;
	err = sql_add_clean(store->db);
	if (!err)
		err = sql_run(store->db, "ATTACH ? AS other", "t", path);
	for (size_t i = 0; !err && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = sqlite3_exec(store->db, steps[i], NULL, NULL, NULL);
	if (!err) {
		count = count_fresh(store->db);
		err = sqlite3_exec(store->db, "DROP TABLE fresh_run; DROP TABLE fresh_campaign; DROP TABLE fresh_test; COMMIT",
				   NULL, NULL, NULL);
	}
	if (err) {
		snprintf(error, STORE_ERROR, "%s: %s", path, sqlite3_errmsg(store->db));
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	}
	sqlite3_exec(store->db, "DETACH other", NULL, NULL, NULL);
	return err ? -EIO : count;
}
