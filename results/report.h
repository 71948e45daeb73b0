/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Some runs of the store as one report. Every form of it (report-*.c) is written from this model, and all
 * totals come from one query, so that they agree. Strings are the model's and never NULL.
 */
#ifndef SPTEST_REPORT_H
#define SPTEST_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"
#include "verdict.h"

struct report_totals {
	size_t by_verdict[VERDICT_COUNT];
	size_t tests, failures;
};

struct report_run {
	int64_t id;
	char *hash;		/* of summary.json: the same in each store */
	char *folder, *started, *kernel, *version, *source, *config_hash, *accel, *mmu;
	double duration_s;
	uint64_t seed;
	struct report_totals totals;
};

/* One kernel in one MMU mode: a column of the matrix. */
struct report_column {
	char *kernel, *mmu, *config;
	/* Upstream version, the release where two kernels share one, with the configuration's hash where they share that. */
	char *title;
};

/* A case that did more than pass. */
struct report_case {
	int64_t test;
	char *name, *reason;
	enum verdict verdict;
};

struct report_test {
	int64_t id;
	unsigned int place;	/* among the tests of its run, from 1 on, in each store */
	size_t run, column, row;	/* places in runs, columns and rows */
	char *name, *mmu, *reason, *fingerprint, *folder;
	char *class;		/* "deterministic", "flaky 1/3"; "": it was not run again */
	enum verdict verdict;
	unsigned int round;
	double duration_s;
	uint64_t seed;
	const struct report_case *cases;
	size_t case_count;
};

/* All runs of the store on one day. */
struct report_day {
	char *date;
	size_t tests, failures;
	double duration_s;	/* mean */
};

struct report_row {
	char *name;
	struct report_day *days;	/* oldest first, REPORT_DAYS at most */
	size_t day_count;
};

#define REPORT_DAYS 30

/* How much of one function's call sites was reached on one kernel (by its release). */
struct report_site {
	char *kind, *function, *kernel;
	size_t reached, total;
};

/* Of the newest campaign of one suite on one kernel in one mode. */
struct report_mutant {
	char *kernel, *mmu, *suite, *started;
	char *name, *text, *verdict, *killer, *reason;
	double duration_s;
};

/* One figure of one test in one run: the values that it measured there. */
struct report_figure {
	char *test, *name, *unit, *kernel, *mmu;
	int64_t run, at;	/* at: when the run started, in seconds since 1970 */
	bool chosen;		/* of a run of the report; the others came before it */
	bool less_is_better;
	double mean, least, most;
	size_t count;
};

struct report {
	char *store;
	struct report_run *runs;
	struct report_column *columns;	/* by version, then mode */
	struct report_row *rows;	/* by name */
	struct report_test *tests;	/* by name, column, run, round */
	struct report_case *cases;
	struct report_site *sites;	/* by kind, function */
	struct report_mutant *mutants;	/* by campaign, survivors first, killed last */
	struct report_figure *figures;	/* of tests that measured in a run of the report; by test, name, kernel, mode, time */
	size_t run_count, column_count, row_count, test_count, case_count, site_count, mutant_count, figure_count;
	struct report_totals totals;
};

/* The runs of these numbers, each counted once. 0 or -errno with a line. */
int report_load(struct report *report, struct store *store, const int64_t *ids, size_t count,
		char error[STORE_ERROR]);
void report_free(struct report *report);

/* "passed", "failed", or "nothing proven": no test passed or failed. */
const char *report_verdict(const struct report_totals *totals);

/* "12 passed, 1 failed, 1 panicked of 14": what there is none of is left out. The caller's to free. */
char *report_totals_text(const struct report_totals *totals);

/* "6.12.117 tdp", with " round 2" from the second on; the caller's to free. */
char *report_place(const struct report *report, const struct report_test *test);

/* The command that runs it again anywhere; the caller's to free. */
char *report_command(const struct report *report, const struct report_test *test);

#endif
