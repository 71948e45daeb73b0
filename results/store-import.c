// SPDX-License-Identifier: GPL-2.0-only
/* A run folder's summary.json (docs/summary.md) becomes rows. */
#include "store.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/hash.h"
#include "host/path.h"
#include "run.h"
#include "store-sql.h"
#include "text.h"
#include "verdict.h"

static const char *text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static int64_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static double real(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static int add_cases(sqlite3 *db, int64_t test, const json_t *cases)
{
	json_t *one;
	size_t i;

	json_array_foreach(cases, i, one) {
		int err = sql_run(db, "INSERT INTO result VALUES (?, ?, ?, ?)", "ittt", test,
				  text(one, "name"), text(one, "verdict"), text(one, "reason"));

		if (err)
			return err;
	}
	return SQLITE_OK;
}

/* Names stand in tables, a line each. The caller's to free. */
static char *one_line(const char *name)
{
	char *clean = text_clean(name);

	for (char *c = clean; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	return clean;
}

static int add_tests(sqlite3 *db, int64_t run, const json_t *tests)
{
	json_t *test;
	size_t i;

	json_array_foreach(tests, i, test) {
		char *name = one_line(text(test, "name"));
		int err = sql_run(db, "INSERT INTO test (run, name, mmu, round, verdict, reason, duration_s,"
				  " seed, fingerprint, folder) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				  "ittittditt", run, name, text(test, "mmu"),
				  number(test, "round"), text(test, "verdict"), text(test, "reason"),
				  real(test, "duration_s"), number(test, "seed"),
				  text(test, "fingerprint"), text(test, "folder"));

		free(name);
		if (!err)
			err = add_cases(db, sqlite3_last_insert_rowid(db), json_object_get(test, "cases"));
		if (err)
			return err;
	}
	return SQLITE_OK;
}

static int add_sites(sqlite3 *db, int64_t run, const json_t *coverage)
{
	json_t *kind, *site;
	size_t i, j;

	json_array_foreach(coverage, i, kind)
		json_array_foreach(json_object_get(kind, "sites"), j, site) {
			int64_t reached = json_is_true(json_object_get(site, "reached"));
			int err = sql_run(db, "INSERT INTO site VALUES (?, ?, ?, ?)", "itti", run,
					  text(kind, "kind"), text(site, "name"), reached);

			if (err)
				return err;
		}
	return SQLITE_OK;
}

static int add_run(sqlite3 *db, const json_t *summary, const char *hash, const char *folder, int64_t *id)
{
	const json_t *kernel = json_object_get(summary, "kernel");
	int64_t full = json_is_true(json_object_get(summary, "full"));
	int err = sql_run(db, "INSERT INTO run (hash, suite, folder, started, duration_s, kernel, version,"
			  " source, config_hash, accel, mmu, seed, complete)"
			  " VALUES (?, 'check', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "tttdttttttii", hash,
			  folder, text(summary, "started"), real(summary, "duration_s"),
			  text(kernel, "release"), text(kernel, "version"), text(kernel, "source"),
			  text(kernel, "config_hash"),
			  text(json_object_get(summary, "accel"), "name"), text(summary, "mmu"),
			  number(summary, "seed"), full);

	if (err)
		return err;
	*id = sqlite3_last_insert_rowid(db);
	err = add_tests(db, *id, json_object_get(summary, "tests"));
	return err ? err : add_sites(db, *id, json_object_get(summary, "coverage"));
}

/* All or nothing. */
static int insert(struct store *store, const json_t *summary, const char *hash, const char *folder,
		  int64_t *id, char error[STORE_ERROR])
{
	int err = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (!err)
		err = add_run(store->db, summary, hash, folder, id);
	if (!err)
		err = sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
	if (!err)
		return 0;
	snprintf(error, STORE_ERROR, "%s: %s", folder, sqlite3_errmsg(store->db));
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return -EIO;
}

static bool is_known(struct store *store, const char *hash, int64_t *id)
{
	sqlite3_stmt *statement = sql_prepare(store->db, "SELECT id FROM run WHERE hash = ?", "t", hash);
	bool known = statement && sqlite3_step(statement) == SQLITE_ROW;

	if (known)
		*id = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return known;
}

static const char *what_is_wrong(const json_t *summary)
{
	const json_t *tests = json_object_get(summary, "tests");
	json_t *test;
	size_t i;

	if (!json_is_object(summary))
		return "no object";
	if (number(summary, "format") < 1 || number(summary, "format") > RUN_FORMAT)
		return "of another format than this sptest reads";
	if (!text(summary, "started") || !text(json_object_get(summary, "kernel"), "release") ||
	    !json_is_array(tests))
		return "without started, kernel or tests";
	json_array_foreach(tests, i, test)
		if (!text(test, "name") || !text(test, "verdict") ||
		    verdict_from_name(text(test, "verdict")) == VERDICT_COUNT)
			return "with a test that has no name or no known verdict";
	return NULL;
}

/* Format 1 had no mode for each test. */
static void add_modes(json_t *summary)
{
	json_t *test, *mode = json_object_get(summary, "mmu");
	size_t i;

	json_array_foreach(json_object_get(summary, "tests"), i, test)
		if (!json_is_string(json_object_get(test, "mmu")))
			json_object_set(test, "mmu", mode);
}

int store_import(struct store *store, const char *folder, int64_t *id, char error[STORE_ERROR])
{
	char *path = xasprintf("%s/summary.json", folder), *data, *absolute = realpath(folder, NULL);
	json_t *summary = NULL;
	json_error_t json_error;
	const char *wrong;
	char hash[17];
	size_t size;
	int err;

	data = file_read(path, &size);
	if (!data) {
		err = -errno;
		snprintf(error, STORE_ERROR, "%s: %s: not a run folder?", path, strerror(-err));
		goto out;
	}
	hash_format(hash_add(HASH_START, data, size), hash);
	err = -EEXIST;
	if (is_known(store, hash, id))
		goto out;
	err = -EINVAL;
	summary = json_loadb(data, size, 0, &json_error);
	wrong = summary ? what_is_wrong(summary) : json_error.text;
	if (wrong) {
		snprintf(error, STORE_ERROR, "%s: %s", path, wrong);
		goto out;
	}
	add_modes(summary);
	err = insert(store, summary, hash, absolute ? absolute : folder, id, error);
out:
	json_decref(summary);
	free(absolute);
	free(data);
	free(path);
	return err;
}
