// SPDX-License-Identifier: GPL-2.0-only
/* Runs and campaigns of one store into another; those that it has are left alone. */
#include "store.h"

#include <errno.h>
#include <stdio.h>

#include "store-sql.h"

/* Numbers of the other store are moved behind those that are there. */
static const char *const steps[] = {
	"BEGIN IMMEDIATE",
	"CREATE TEMP TABLE move AS SELECT"
	" (SELECT coalesce(max(id), 0) FROM main.run) AS run, (SELECT coalesce(max(id), 0) FROM main.test) AS test,"
	" (SELECT coalesce(max(id), 0) FROM main.campaign) AS campaign",
	"CREATE TEMP TABLE fresh AS SELECT id FROM other.run WHERE hash NOT IN (SELECT hash FROM main.run)",
	"CREATE TEMP TABLE fresh_campaign AS SELECT id FROM other.campaign WHERE hash NOT IN"
	" (SELECT hash FROM main.campaign)",
	"INSERT INTO main.run SELECT id + (SELECT run FROM move), hash, suite, folder, started, duration_s, kernel,"
	" version, source, config_hash, accel, mmu, seed, complete FROM other.run WHERE id IN (SELECT id FROM fresh)",
	"INSERT INTO main.test SELECT id + (SELECT test FROM move), run + (SELECT run FROM move), name, mmu, round,"
	" verdict, reason, duration_s, seed, fingerprint, folder, class FROM other.test WHERE run IN (SELECT id FROM fresh)",
	"INSERT INTO main.result SELECT r.test + (SELECT test FROM move), r.name, r.verdict, r.reason"
	" FROM other.result AS r JOIN other.test AS t ON t.id = r.test WHERE t.run IN (SELECT id FROM fresh)",
	"INSERT INTO main.figure SELECT f.test + (SELECT test FROM move), f.name, f.unit, f.less_is_better, f.value"
	" FROM other.figure AS f JOIN other.test AS t ON t.id = f.test WHERE t.run IN (SELECT id FROM fresh)",
	"INSERT INTO main.site SELECT run + (SELECT run FROM move), kind, name, reached FROM other.site"
	" WHERE run IN (SELECT id FROM fresh)",
	"INSERT INTO main.campaign SELECT id + (SELECT campaign FROM move), hash, folder, started, duration_s,"
	" kernel, mmu, suite FROM other.campaign WHERE id IN (SELECT id FROM fresh_campaign)",
	"INSERT INTO main.mutant SELECT campaign + (SELECT campaign FROM move), name, text, origin, verdict, killer,"
	" reason, duration_s, tried FROM other.mutant WHERE campaign IN (SELECT id FROM fresh_campaign)",
};

static int count_fresh(sqlite3 *db)
{
	sqlite3_stmt *row = sql_prepare(db, "SELECT (SELECT count(*) FROM fresh) +"
					" (SELECT count(*) FROM fresh_campaign)", "");
	int count = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int(row, 0) : 0;

	sqlite3_finalize(row);
	return count;
}

int store_merge(struct store *store, const char *path, char error[STORE_ERROR])
{
	struct store other;
	int err, count = 0;

	/* Opening brings it up to date; then both have the same tables. */
	err = store_open(&other, path, error);
	if (err)
		return err;
	store_close(&other);
	err = sql_run(store->db, "ATTACH ? AS other", "t", path);
	for (size_t i = 0; !err && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = sqlite3_exec(store->db, steps[i], NULL, NULL, NULL);
	if (!err) {
		count = count_fresh(store->db);
		err = sqlite3_exec(store->db, "DROP TABLE move; DROP TABLE fresh; DROP TABLE fresh_campaign; COMMIT",
				   NULL, NULL, NULL);
	}
	if (err) {
		snprintf(error, STORE_ERROR, "%s: %s", path, sqlite3_errmsg(store->db));
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	}
	sqlite3_exec(store->db, "DETACH other", NULL, NULL, NULL);
	return err ? -EIO : count;
}
