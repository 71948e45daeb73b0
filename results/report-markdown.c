// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "markdown.h"
#include "report-forms.h"
#include "report-group.h"
#include "report-log.h"
#include "report.h"
#include "text.h"

#define FAILURES_MAX 50	/* a comment on a merge request has its limits */
#define ROWS_MAX 100

/* A code block whose fence is longer than any run of backticks inside. */
static void put_code(FILE *f, const char *text)
{
	char *clean = text_clean(text);
	size_t longest = 2, ticks = 0;

	for (const char *c = clean; *c; c++) {
		ticks = *c == '`' ? ticks + 1 : 0;
		if (ticks > longest)
			longest = ticks;
	}
	for (int end = 0; end < 2; end++) {
		for (size_t i = 0; i <= longest; i++)
			fputc('`', f);
		fputc('\n', f);
		if (!end)
			fprintf(f, "%s\n", clean);
	}
	free(clean);
}

static void put_head(FILE *f, const struct report *report)
{
	char *totals = report_totals_text(&report->totals);

	fprintf(f, "# sptest: %s\n\n%s\n\n", report_verdict(&report->totals), totals);
	free(totals);
	if (!report->run_count)
		return;
	fputs("| run | kernel | mmu | verdicts | started |\n|---|---|---|---|---|\n", f);
	for (size_t i = 0; i < report->run_count; i++) {
		const struct report_run *run = &report->runs[i];
		char *line = report_totals_text(&run->totals);

		fprintf(f, "| %lld | ", (long long)run->id);
		markdown_text(f, run->kernel);
		fputs(" | ", f);
		markdown_text(f, run->mmu);
		fprintf(f, " | %s | ", line);
		markdown_text(f, run->started);
		fputs(" |\n", f);
		free(line);
	}
}

static void put_case(FILE *f, const struct report_case *one)
{
	struct report_story story;

	report_story_make(&story, one->reason);
	fputs("- ", f);
	markdown_text(f, one->name);
	fputs(": ", f);
	markdown_text(f, story.message);
	if (story.violation_count)
		fprintf(f, " (%zu sptes are not what they must be)", story.violation_count);
	fputc('\n', f);
	report_story_free(&story);
}

static void put_failure(FILE *f, const struct report *report, const struct report_test *test)
{
	char *place = report_place(report, test), *command = report_command(report, test);

	fputs("\n### ", f);
	markdown_text(f, test->name);
	fputs(", ", f);
	markdown_text(f, place);
	fprintf(f, ": %s%s%s\n\n", verdict_name(test->verdict), *test->class ? ", " : "", test->class);
	markdown_text(f, test->reason);
	fputs("\n\n", f);
	for (size_t i = 0; i < test->case_count; i++)
		if (verdict_is_failure(test->cases[i].verdict))
			put_case(f, &test->cases[i]);
	if (*test->fingerprint) {
		fputs("\nFingerprint: ", f);
		markdown_text(f, test->fingerprint);
		fputc('\n', f);
	}
	fputc('\n', f);
	put_code(f, command);
	free(command);
	free(place);
}

static void put_failures(FILE *f, const struct report *report)
{
	size_t count = 0;

	if (!report->totals.failures)
		return;
	fputs("\n## Failures\n", f);
	for (size_t i = 0; i < report->test_count; i++) {
		if (!verdict_is_failure(report->tests[i].verdict))
			continue;
		if (count++ < FAILURES_MAX)
			put_failure(f, report, &report->tests[i]);
	}
	if (count > FAILURES_MAX)
		fprintf(f, "\nand %zu more\n", count - FAILURES_MAX);
}

static void put_group(FILE *f, const struct report *report, const struct report_group *group)
{
	char *places = report_group_places(report, group);

	fputs("| ", f);
	markdown_text(f, group->test);
	fputs(" | ", f);
	markdown_text(f, group->name);
	fputs(" | ", f);
	markdown_text(f, group->reason);
	fputs(" | ", f);
	markdown_text(f, places);
	fputs(" |\n", f);
	free(places);
}

static void put_groups(FILE *f, const struct report *report, enum verdict verdict, const char *title)
{
	struct report_groups groups;

	report_groups_make(&groups, report, verdict);
	if (groups.count)
		fprintf(f, "\n## %s\n\n| test | case | why | where |\n|---|---|---|---|\n", title);
	for (size_t i = 0; i < groups.count && i < ROWS_MAX; i++)
		put_group(f, report, &groups.all[i]);
	if (groups.count > ROWS_MAX)
		fprintf(f, "\nand %zu more\n", groups.count - ROWS_MAX);
	report_groups_free(&groups);
}

static void put_figure(FILE *f, const struct report_figure *figure)
{
	const char *const texts[] = { figure->test, figure->name, figure->kernel, figure->mmu };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fputs("| ", f);
		markdown_text(f, texts[i]);
		fputc(' ', f);
	}
	fprintf(f, "| %.6g | %.6g | %.6g | ", figure->mean, figure->least, figure->most);
	markdown_text(f, figure->unit);
	fputs(" |\n", f);
}

static void put_figures(FILE *f, const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->figure_count; i++) {
		if (!report->figures[i].chosen || count++ >= ROWS_MAX)
			continue;
		if (count == 1)
			fputs("\n## Figures\n\n| test | figure | kernel | mmu | mean | least | most | unit |\n"
			      "|---|---|---|---|---:|---:|---:|---|\n", f);
		put_figure(f, &report->figures[i]);
	}
	if (count > ROWS_MAX)
		fprintf(f, "\nand %zu more\n", count - ROWS_MAX);
}

static void put_campaign(FILE *f, const struct report_mutant *first, const struct report_mutant *end)
{
	const char *const texts[] = { first->kernel, first->mmu, first->suite, first->started };
	size_t killed = 0, survived = 0;

	for (const struct report_mutant *mutant = first; mutant < end; mutant++) {
		killed += !strcmp(mutant->verdict, "killed");
		survived += !strcmp(mutant->verdict, "survived");
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fputs("| ", f);
		markdown_text(f, texts[i]);
		fputc(' ', f);
	}
	fprintf(f, "| %zu of %zu |\n", killed, killed + survived);
}

static void put_mutants(FILE *f, const struct report *report)
{
	const struct report_mutant *mutant = report->mutants, *end = mutant + report->mutant_count, *next;

	if (mutant == end)
		return;
	fputs("\n## Mutants\n\n| kernel | mmu | suite | started | killed of reached |\n|---|---|---|---|---|\n", f);
	for (; mutant < end; mutant = next) {
		for (next = mutant; next < end && report_same_campaign(mutant, next); next++)
			;
		put_campaign(f, mutant, next);
	}
}

char *report_markdown(const struct report *report)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die(STATUS_HARNESS, "out of memory");
	put_head(f, report);
	put_failures(f, report);
	put_groups(f, report, VERDICT_XPASS, "Gone: known bugs no longer seen");
	put_groups(f, report, VERDICT_XFAIL, "Known bugs");
	put_groups(f, report, VERDICT_SKIP, "Skipped");
	put_figures(f, report);
	put_mutants(f, report);
	fclose(f);
	return text;
}
