// SPDX-License-Identifier: GPL-2.0-only
/* The queries behind a report. The runs in question are in the temporary table chosen. */
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/version.h"
#include "report-order.h"
#include "store-sql.h"

static char *text(sqlite3_stmt *row, int column)
{
	return xstrdup(sql_text(row, column));
}

/* Room for one more of an array that grows; its size doubles, so that 100,000 rows take no time. */
static void *grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return xrealloc(array, (count ? 2 * count : 1) * size);
}

static int choose(struct store *store, const int64_t *ids, size_t count)
{
	int err = sqlite3_exec(store->db, "CREATE TEMP TABLE IF NOT EXISTS chosen (id INTEGER PRIMARY KEY);"
			       "DELETE FROM chosen", NULL, NULL, NULL);

	for (size_t i = 0; !err && i < count; i++)
		err = sql_run(store->db, "INSERT OR IGNORE INTO chosen VALUES (?)", "i", ids[i]);
	return err;
}

static void take_run(struct report *report, sqlite3_stmt *row)
{
	report->runs = grow(report->runs, report->run_count, sizeof(*report->runs));
	report->runs[report->run_count++] = (struct report_run){
		.id = sqlite3_column_int64(row, 0), .folder = text(row, 1), .started = text(row, 2),
		.kernel = text(row, 3), .version = text(row, 4), .source = text(row, 5),
		.config_hash = text(row, 6), .accel = text(row, 7), .mmu = text(row, 8),
		.duration_s = sqlite3_column_double(row, 9), .seed = sqlite3_column_int64(row, 10), .hash = text(row, 11),
	};
}

static struct report_run *run_of(struct report *report, int64_t id)
{
	struct report_run key = { .id = id };

	return bsearch(&key, report->runs, report->run_count, sizeof(key), report_by_id);
}

static void take_test(struct report *report, sqlite3_stmt *row)
{
	struct report_run *run = run_of(report, sqlite3_column_int64(row, 1));

	report->tests = grow(report->tests, report->test_count, sizeof(*report->tests));
	report->tests[report->test_count++] = (struct report_test){
		.id = sqlite3_column_int64(row, 0), .run = run - report->runs, .name = text(row, 2),
		.mmu = text(row, 3), .round = sqlite3_column_int(row, 4),
		.verdict = verdict_from_name(sql_text(row, 5)), .reason = text(row, 6),
		.duration_s = sqlite3_column_double(row, 7), .seed = sqlite3_column_int64(row, 8),
		.fingerprint = text(row, 9), .folder = text(row, 10), .class = text(row, 11),
		.place = sqlite3_column_int64(row, 12),
	};
}

static void take_case(struct report *report, sqlite3_stmt *row)
{
	report->cases = grow(report->cases, report->case_count, sizeof(*report->cases));
	report->cases[report->case_count++] = (struct report_case){
		.test = sqlite3_column_int64(row, 0), .name = text(row, 1), .reason = text(row, 3),
		.verdict = verdict_from_name(sql_text(row, 2)),
	};
}

static void take_site(struct report *report, sqlite3_stmt *row)
{
	report->sites = grow(report->sites, report->site_count, sizeof(*report->sites));
	report->sites[report->site_count++] = (struct report_site){
		.kind = text(row, 0), .function = text(row, 1), .kernel = text(row, 2),
		.reached = sqlite3_column_int64(row, 3), .total = sqlite3_column_int64(row, 4),
	};
}

static void take_mutant(struct report *report, sqlite3_stmt *row)
{
	report->mutants = grow(report->mutants, report->mutant_count, sizeof(*report->mutants));
	report->mutants[report->mutant_count++] = (struct report_mutant){
		.kernel = text(row, 0), .mmu = text(row, 1), .suite = text(row, 2), .started = text(row, 3),
		.name = text(row, 4), .text = text(row, 5), .verdict = text(row, 6), .killer = text(row, 7),
		.reason = text(row, 8), .duration_s = sqlite3_column_double(row, 9),
	};
}

static void take_figure(struct report *report, sqlite3_stmt *row)
{
	report->figures = grow(report->figures, report->figure_count, sizeof(*report->figures));
	report->figures[report->figure_count++] = (struct report_figure){
		.test = text(row, 0), .name = text(row, 1), .unit = text(row, 2), .kernel = text(row, 3),
		.mmu = text(row, 4), .run = sqlite3_column_int64(row, 5), .at = sqlite3_column_int64(row, 6),
		.chosen = sqlite3_column_int(row, 7), .less_is_better = sqlite3_column_int(row, 8),
		.mean = sqlite3_column_double(row, 9), .least = sqlite3_column_double(row, 10),
		.most = sqlite3_column_double(row, 11), .count = sqlite3_column_int64(row, 12),
	};
}

static void count(struct report_totals *totals, enum verdict verdict, size_t n)
{
	totals->by_verdict[verdict] += n;
	totals->tests += n;
	totals->failures += verdict_is_failure(verdict) ? n : 0;
}

static void take_totals(struct report *report, sqlite3_stmt *row)
{
	enum verdict verdict = verdict_from_name(sql_text(row, 1));
	size_t n = sqlite3_column_int64(row, 2);

	if (verdict == VERDICT_COUNT)
		return;
	count(&run_of(report, sqlite3_column_int64(row, 0))->totals, verdict, n);
	count(&report->totals, verdict, n);
}

static void take_day(struct report *report, sqlite3_stmt *record)
{
	struct report_row key = { .name = (char *)sql_text(record, 0) }, *row;

	row = bsearch(&key, report->rows, report->row_count, sizeof(key), report_row_by_name);
	if (!row || row->day_count == REPORT_DAYS)
		return;
	row->days = grow(row->days, row->day_count, sizeof(*row->days));
	row->days[row->day_count++] = (struct report_day){
		.date = text(record, 1), .tests = sqlite3_column_int64(record, 2),
		.failures = sqlite3_column_int64(record, 3),
		.duration_s = sqlite3_column_double(record, 4),
	};
}

#define CHOSEN "(SELECT id FROM chosen)"

/* In this order: each needs what those before it took. */
static const struct {
	const char *sql;
	void (*take)(struct report *report, sqlite3_stmt *row);
	void (*then)(struct report *report);
} queries[] = {
	{ "SELECT id, folder, started, kernel, coalesce(version, kernel), source, config_hash, accel, mmu,"
	  " duration_s, seed, hash FROM run WHERE id IN " CHOSEN " ORDER BY id", take_run, NULL },
	{ "SELECT id, run, name, mmu, round, verdict, reason, duration_s, seed, fingerprint, folder, class,"
	  " row_number() OVER (PARTITION BY run ORDER BY id) FROM test"
	  " WHERE run IN " CHOSEN, take_test, report_order_tests },
	{ "SELECT result.test, result.name, result.verdict, result.reason FROM result JOIN test ON"
	  " test.id = result.test WHERE test.run IN " CHOSEN " AND result.verdict != 'pass'"
	  " ORDER BY result.test, result.rowid", take_case, report_order_cases },
	{ "SELECT run, verdict, count(*) FROM test WHERE run IN " CHOSEN " GROUP BY run, verdict",
	  take_totals, NULL },
	{ "SELECT kind, function, kernel, sum(reached), count(*) FROM (SELECT kind, site.name,"
	  " substr(site.name, 1, instr(site.name || '+', '+') - 1) AS function, kernel,"
	  " max(reached) AS reached FROM site JOIN run ON run.id = site.run"
	  " WHERE run IN " CHOSEN " GROUP BY kind, site.name, kernel)"
	  " GROUP BY kind, function, kernel", take_site, NULL },
	{ "SELECT name, day, count(*), sum(verdict NOT IN ('pass', 'skip', 'xfail', 'xpass')),"
	  " avg(test.duration_s) FROM test JOIN (SELECT id, substr(started, 1, 10) AS day FROM run WHERE"
	  "  substr(started, 1, 10) IN (SELECT DISTINCT substr(started, 1, 10) FROM run WHERE started <="
	  "  (SELECT max(started) FROM run WHERE id IN " CHOSEN ") ORDER BY 1 DESC LIMIT 30)) AS night"
	  " ON night.id = test.run GROUP BY name, day", take_day, NULL },
	{ "SELECT kernel, mmu, suite, started, mutant.name, text, verdict, killer, reason, mutant.duration_s FROM mutant"
	  " JOIN (SELECT *, row_number() OVER (PARTITION BY kernel, mmu, suite ORDER BY started DESC, id DESC) AS place"
	  "  FROM campaign) AS c ON c.id = mutant.campaign WHERE place = 1 ORDER BY c.id, CASE verdict"
	  "  WHEN 'survived' THEN 0 WHEN 'broken' THEN 1 WHEN 'unreached' THEN 2 ELSE 3 END, mutant.name",
	  take_mutant, NULL },
	{ "SELECT test.name, f.name, coalesce(unit, ''), coalesce(version, kernel), test.mmu, run.id,"
	  " coalesce(CAST(strftime('%s', started) AS INTEGER), 0), run.id IN " CHOSEN ", max(less_is_better),"
	  " avg(value), min(value), max(value), count(*)"
	  " FROM figure AS f JOIN test ON test.id = f.test JOIN run ON run.id = test.run WHERE test.name IN"
	  "  (SELECT name FROM test WHERE run IN " CHOSEN " AND id IN (SELECT test FROM figure))"
	  " AND started <= (SELECT max(started) FROM run WHERE id IN " CHOSEN ")"
	  " GROUP BY test.name, f.name, run.id, test.mmu ORDER BY test.name, f.name, 4, test.mmu, started, run.id",
	  take_figure, NULL },
};

/* A store that another program wrote into. */
static const char *find_wrong(const struct report *report)
{
	for (size_t i = 0; i < report->test_count; i++)
		if (report->tests[i].verdict == VERDICT_COUNT)
			return "a test's verdict is none that this sptest knows";
	for (size_t i = 0; i < report->case_count; i++)
		if (report->cases[i].verdict == VERDICT_COUNT)
			return "a case's verdict is none that this sptest knows";
	for (size_t i = 0; i < report->figure_count; i++)
		if (!isfinite(report->figures[i].least) || !isfinite(report->figures[i].most))
			return "a figure is no number";
	return NULL;
}

int report_load(struct report *report, struct store *store, const int64_t *ids, size_t id_count,
		char error[STORE_ERROR])
{
	int err = choose(store, ids, id_count);
	const char *wrong;

	*report = (struct report){ .store = xstrdup(store->path) };
	for (size_t i = 0; !err && i < sizeof(queries) / sizeof(queries[0]); i++) {
		sqlite3_stmt *row = sql_prepare(store->db, queries[i].sql, "");

		err = row ? SQLITE_ROW : SQLITE_ERROR;
		while (row && (err = sqlite3_step(row)) == SQLITE_ROW)
			queries[i].take(report, row);
		sqlite3_finalize(row);
		err = err == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
		if (!err && queries[i].then)
			queries[i].then(report);
	}
	wrong = err ? NULL : find_wrong(report);
	if (!err && !wrong)
		return 0;
	report_free(report);
	if (err)
		return store_fail(store, error);
	snprintf(error, STORE_ERROR, "%s: %s", store->path, wrong);
	return -EIO;
}
