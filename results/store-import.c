// SPDX-License-Identifier: GPL-2.0-only
/* A run folder's summary.json (docs/summary.md) becomes rows. */
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "run.h"
#include "store-sql.h"
#include "store-take.h"
#include "verdict.h"

/* Prepared once: a night has 100,000 rows. */
struct inserts {
	sqlite3_stmt *test, *result, *figure, *site;
};

static int add_cases(struct inserts *inserts, int64_t test, const json_t *cases)
{
	json_t *one;
	size_t i;

	json_array_foreach(cases, i, one) {
		int err = sql_again(inserts->result, "ittt", test, member_text(one, "name"),
				    member_text(one, "verdict"), member_text(one, "reason"));

		if (err)
			return err;
	}
	return SQLITE_OK;
}

static int add_figures(struct inserts *inserts, int64_t test, json_t *figures)
{
	json_t *figure, *value;
	const char *name;
	size_t i;

	json_object_foreach(figures, name, figure)
		json_array_foreach(json_object_get(figure, "values"), i, value) {
			int64_t less = json_is_true(json_object_get(figure, "less_is_better"));
			int err = sql_again(inserts->figure, "ittid", test, name, member_text(figure, "unit"),
					    less, json_number_value(value));

			if (err)
				return err;
		}
	return SQLITE_OK;
}

static int add_test_rows(struct inserts *inserts, int64_t test, const json_t *object)
{
	int err = add_cases(inserts, test, json_object_get(object, "cases"));

	return err ? err : add_figures(inserts, test, json_object_get(object, "figures"));
}

static int add_tests(sqlite3 *db, struct inserts *inserts, int64_t run, const json_t *tests)
{
	json_t *test;
	size_t i;

	json_array_foreach(tests, i, test) {
		int err = sql_again(inserts->test, "ittittdittt", run, member_text(test, "name"),
				    member_text(test, "mmu"), member_integer(test, "round"), member_text(test, "verdict"),
				    member_text(test, "reason"), member_real(test, "duration_s"),
				    member_integer(test, "seed"), member_text(test, "fingerprint"),
				    member_text(test, "folder"), member_text(test, "class"));

		if (!err)
			err = add_test_rows(inserts, sqlite3_last_insert_rowid(db), test);
		if (err)
			return err;
	}
	return SQLITE_OK;
}

static int add_sites(struct inserts *inserts, int64_t run, const json_t *coverage)
{
	json_t *kind, *site;
	size_t i, j;

	json_array_foreach(coverage, i, kind)
		json_array_foreach(json_object_get(kind, "sites"), j, site) {
			int64_t reached = json_is_true(json_object_get(site, "reached"));
			int err = sql_again(inserts->site, "itti", run, member_text(kind, "kind"),
					    member_text(site, "name"), reached);

			if (err)
				return err;
		}
	return SQLITE_OK;
}

static int add_rows(sqlite3 *db, int64_t run, const json_t *summary)
{
	struct inserts inserts = {
		.test = sql_prepare(db, "INSERT INTO test (run, name, mmu, round, verdict, reason, duration_s,"
				    " seed, fingerprint, folder, class) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", ""),
		.result = sql_prepare(db, "INSERT INTO result VALUES (?, ?, ?, ?)", ""),
		.figure = sql_prepare(db, "INSERT INTO figure VALUES (?, ?, ?, ?, ?)", ""),
		.site = sql_prepare(db, "INSERT INTO site VALUES (?, ?, ?, ?)", ""),
	};
	int err = SQLITE_ERROR;

	if (inserts.test && inserts.result && inserts.figure && inserts.site)
		err = add_tests(db, &inserts, run, json_object_get(summary, "tests"));
	if (!err)
		err = add_sites(&inserts, run, json_object_get(summary, "coverage"));
	sqlite3_finalize(inserts.test);
	sqlite3_finalize(inserts.result);
	sqlite3_finalize(inserts.figure);
	sqlite3_finalize(inserts.site);
	return err;
}

/* By the group of its tests: runs of different suites are not held against each other. */
static const char *suite_of(const json_t *summary)
{
	static const char *const suites[][2] = {
		{ "workload/", "workloads" }, { "deadlock/", "deadlock" }, { "bench/", "bench" },
	};
	const json_t *test = json_array_get(json_object_get(summary, "tests"), 0);
	const char *name = member_text(test, "name");

	for (size_t i = 0; name && i < sizeof(suites) / sizeof(suites[0]); i++)
		if (!strncmp(name, suites[i][0], strlen(suites[i][0])))
			return suites[i][1];
	return "check";
}

static int add_run(struct store *store, const json_t *summary, const char *hash, const char *folder,
		   int64_t *id)
{
	const json_t *kernel = json_object_get(summary, "kernel");
	int64_t full = json_is_true(json_object_get(summary, "full"));
	int err = sql_run(store->db, "INSERT INTO run (hash, suite, folder, started, duration_s, kernel, version,"
			  " source, config_hash, accel, mmu, seed, complete)"
			  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ttttdttttttii", hash,
			  suite_of(summary), folder, member_text(summary, "started"), member_real(summary, "duration_s"),
			  member_text(kernel, "release"), member_text(kernel, "version"),
			  member_text(kernel, "source"), member_text(kernel, "config_hash"),
			  member_text(json_object_get(summary, "accel"), "name"),
			  member_text(summary, "mmu"), member_integer(summary, "seed"), full);

	if (err)
		return err;
	*id = sqlite3_last_insert_rowid(store->db);
	return add_rows(store->db, *id, summary);
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

static bool has_verdict(const json_t *object)
{
	const char *verdict = member_text(object, "verdict");

	return member_text(object, "name") && verdict && verdict_from_name(verdict) != VERDICT_COUNT;
}

static const char *check_figures(const json_t *test)
{
	json_t *figure, *value;
	const char *name;
	size_t i;

	json_object_foreach(json_object_get(test, "figures"), name, figure) {
		const char *unit = member_text(figure, "unit");

		if (!*name || !measured_is_name(name) || (unit && !measured_is_name(unit)))
			return "with a figure whose name or unit is no plain word";
		json_array_foreach(json_object_get(figure, "values"), i, value)
			if (!json_is_number(value))
				return "with a figure that is no number";
	}
	return NULL;
}

static const char *check_test(const json_t *test)
{
	const json_t *cases = json_object_get(test, "cases");
	json_t *one;
	size_t i;

	if (!has_verdict(test))
		return "with a test that has no name or no known verdict";
	json_array_foreach(cases, i, one)
		if (!has_verdict(one))
			return "with a case that has no name or no known verdict";
	return check_figures(test);
}

static const char *check(json_t *summary)
{
	const json_t *tests = json_object_get(summary, "tests");
	int64_t format = member_integer(summary, "format");
	json_t *test;
	size_t i;

	if (!json_is_object(summary))
		return "no object";
	if (format < 1 || format > RUN_FORMAT)
		return "of another format than this sptest reads";
	if (!member_text(summary, "started") || !member_text(json_object_get(summary, "kernel"), "release") ||
	    !json_is_array(tests))
		return "without started, kernel or tests";
	json_array_foreach(tests, i, test) {
		const char *wrong = check_test(test);

		if (wrong)
			return wrong;
	}
	add_modes(summary);
	return NULL;
}

int store_import(struct store *store, const char *folder, int64_t *id, char error[STORE_ERROR])
{
	static const struct store_kind kind = { "run", check, add_run };
	char *path = xasprintf("%s/summary.json", folder);
	int err = store_take(store, &kind, path, folder, id, error);

	free(path);
	return err;
}
