// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/args.h"
#include "host/die.h"

static void free_run(struct report_run *run)
{
	char *const texts[] = {
		run->folder, run->started, run->kernel, run->version, run->source, run->config_hash,
		run->accel, run->mmu, run->hash,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
}

static void free_test(struct report_test *test)
{
	free(test->name);
	free(test->mmu);
	free(test->reason);
	free(test->fingerprint);
	free(test->class);
	free(test->folder);
}

static void free_row(struct report_row *row)
{
	for (size_t i = 0; i < row->day_count; i++)
		free(row->days[i].date);
	free(row->days);
	free(row->name);
}

static void free_columns(struct report *report)
{
	for (size_t i = 0; i < report->column_count; i++) {
		free(report->columns[i].kernel);
		free(report->columns[i].mmu);
		free(report->columns[i].config);
		free(report->columns[i].title);
	}
	free(report->columns);
}

static void free_sites(struct report *report)
{
	for (size_t i = 0; i < report->site_count; i++) {
		free(report->sites[i].kind);
		free(report->sites[i].function);
		free(report->sites[i].kernel);
	}
	free(report->sites);
}

static void free_mutants(struct report *report)
{
	for (size_t i = 0; i < report->mutant_count; i++) {
		struct report_mutant *mutant = &report->mutants[i];
		char *const texts[] = {
			mutant->kernel, mutant->mmu, mutant->suite, mutant->started, mutant->name, mutant->text,
			mutant->verdict, mutant->killer, mutant->reason,
		};

		for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++)
			free(texts[j]);
	}
	free(report->mutants);
}

static void free_figures(struct report *report)
{
	for (size_t i = 0; i < report->figure_count; i++) {
		free(report->figures[i].test);
		free(report->figures[i].name);
		free(report->figures[i].unit);
		free(report->figures[i].kernel);
		free(report->figures[i].mmu);
	}
	free(report->figures);
}

void report_free(struct report *report)
{
	for (size_t i = 0; i < report->run_count; i++)
		free_run(&report->runs[i]);
	for (size_t i = 0; i < report->test_count; i++)
		free_test(&report->tests[i]);
	for (size_t i = 0; i < report->row_count; i++)
		free_row(&report->rows[i]);
	for (size_t i = 0; i < report->case_count; i++) {
		free(report->cases[i].name);
		free(report->cases[i].reason);
	}
	free_columns(report);
	free_sites(report);
	free_mutants(report);
	free_figures(report);
	free(report->runs);
	free(report->tests);
	free(report->rows);
	free(report->cases);
	free(report->store);
	*report = (struct report){ 0 };
}

const char *report_verdict(const struct report_totals *totals)
{
	if (totals->failures)
		return "failed";
	return totals->by_verdict[VERDICT_PASS] ? "passed" : "nothing proven";
}

static const char *const said[VERDICT_COUNT] = {
	[VERDICT_PASS] = "passed", [VERDICT_FAIL] = "failed", [VERDICT_SKIP] = "skipped",
	[VERDICT_TIMEOUT] = "timed out", [VERDICT_HANG] = "hung", [VERDICT_PANIC] = "panicked",
	[VERDICT_SPLAT] = "splat", [VERDICT_LOST] = "lost", [VERDICT_XFAIL] = "failed as known",
	[VERDICT_XPASS] = "passed unexpectedly",
};

char *report_totals_text(const struct report_totals *totals)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die(STATUS_HARNESS, "out of memory");
	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		if (totals->by_verdict[v] || v <= VERDICT_SKIP)
			fprintf(f, "%s%zu %s", v ? ", " : "", totals->by_verdict[v], said[v]);
	fprintf(f, " of %zu", totals->tests);
	fclose(f);
	return text;
}

char *report_place(const struct report *report, const struct report_test *test)
{
	const struct report_column *column = &report->columns[test->column];

	if (test->round > 1)
		return xasprintf("%s %s round %u", column->title, column->mmu, test->round);
	return xasprintf("%s %s", column->title, column->mmu);
}

char *report_command(const struct report *report, const struct report_test *test)
{
	const struct report_run *run = &report->runs[test->run];
	struct args args = { 0 };
	char *line;

	args_add(&args, "sptest");
	args_add(&args, "run");
	args_add(&args, "--kernel=%s", run->version);
	args_add(&args, "--mmu=%s", test->mmu);
	args_add(&args, "--tests=%s", test->name);
	args_add(&args, "--seed=%llu", (unsigned long long)test->seed);
	line = args_quote(&args);
	args_free(&args);
	return line;
}
