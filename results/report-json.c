// SPDX-License-Identifier: GPL-2.0-only
#include "json-text.h"
#include "report-forms.h"
#include "report.h"

static json_t *totals_json(const struct report_totals *totals)
{
	json_t *object = json_pack("{s:I, s:I, s:s}", "tests", (json_int_t)totals->tests, "failures",
				   (json_int_t)totals->failures, "verdict", report_verdict(totals));

	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(object, verdict_name(v), json_integer(totals->by_verdict[v]));
	return object;
}

static json_t *run_json(const struct report_run *run)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:I, s:o}",
			 "id", (json_int_t)run->id, "folder", json_text(run->folder),
			 "started", json_text(run->started), "kernel", json_text(run->kernel),
			 "version", json_text(run->version), "source", json_text(run->source),
			 "accel", json_text(run->accel), "mmu", json_text(run->mmu),
			 "duration_s", run->duration_s, "seed", (json_int_t)run->seed,
			 "totals", totals_json(&run->totals));
}

/* Those that did more than pass. */
static json_t *cases_json(const struct report_test *test)
{
	json_t *all = json_array();

	for (size_t i = 0; i < test->case_count; i++)
		json_array_append_new(all, json_pack("{s:o, s:s, s:o}", "name", json_text(test->cases[i].name),
			"verdict", verdict_name(test->cases[i].verdict),
			"reason", json_text(test->cases[i].reason)));
	return all;
}

static json_t *test_json(const struct report *report, const struct report_test *test)
{
	return json_pack("{s:I, s:o, s:o, s:i, s:s, s:o, s:o, s:f, s:I, s:o, s:o, s:o}",
			 "run", (json_int_t)report->runs[test->run].id, "name", json_text(test->name),
			 "mmu", json_text(test->mmu), "round", (int)test->round,
			 "verdict", verdict_name(test->verdict), "reason", json_text(test->reason),
			 "class", json_text(test->class), "duration_s", test->duration_s,
			 "seed", (json_int_t)test->seed,
			 "fingerprint", json_text(test->fingerprint),
			 "folder", json_text(test->folder), "cases", cases_json(test));
}

static json_t *mutants_json(const struct report *report)
{
	json_t *all = json_array();

	for (size_t i = 0; i < report->mutant_count; i++) {
		const struct report_mutant *mutant = &report->mutants[i];

		json_array_append_new(all, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f}",
			"kernel", json_text(mutant->kernel), "mmu", json_text(mutant->mmu),
			"suite", json_text(mutant->suite), "started", json_text(mutant->started),
			"name", json_text(mutant->name), "verdict", json_text(mutant->verdict),
			"killer", json_text(mutant->killer), "reason", json_text(mutant->reason),
			"duration_s", mutant->duration_s));
	}
	return all;
}

/* Those of the runs of the report. */
static json_t *figures_json(const struct report *report)
{
	json_t *all = json_array();

	for (size_t i = 0; i < report->figure_count; i++) {
		const struct report_figure *figure = &report->figures[i];

		if (!figure->chosen)
			continue;
		json_array_append_new(all, json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:b, s:f, s:f, s:f, s:I}",
			"test", json_text(figure->test), "name", json_text(figure->name),
			"unit", json_text(figure->unit), "kernel", json_text(figure->kernel),
			"mmu", json_text(figure->mmu), "run", (json_int_t)figure->run,
			"less_is_better", figure->less_is_better, "mean", figure->mean, "least", figure->least,
			"most", figure->most, "values", (json_int_t)figure->count));
	}
	return all;
}

char *report_json(const struct report *report)
{
	json_t *runs = json_array(), *tests = json_array(), *sites = json_array();

	for (size_t i = 0; i < report->run_count; i++)
		json_array_append_new(runs, run_json(&report->runs[i]));
	for (size_t i = 0; i < report->test_count; i++)
		json_array_append_new(tests, test_json(report, &report->tests[i]));
	for (size_t i = 0; i < report->site_count; i++) {
		const struct report_site *site = &report->sites[i];

		json_array_append_new(sites, json_pack("{s:o, s:o, s:o, s:I, s:I}",
			"kind", json_text(site->kind), "function", json_text(site->function),
			"kernel", json_text(site->kernel), "reached", (json_int_t)site->reached,
			"total", (json_int_t)site->total));
	}
	return json_finish(json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "format", 1, "totals",
				     totals_json(&report->totals), "runs", runs, "tests", tests,
				     "coverage", sites, "mutants", mutants_json(report), "figures",
				     figures_json(report)));
}
