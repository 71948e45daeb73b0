// SPDX-License-Identifier: GPL-2.0-only
/* Every failure with all that is known of it; what was a known bug or skipped, and why. */
#include <stdlib.h>

#include "markdown.h"
#include "report-group.h"
#include "report-log.h"
#include "report-markdown.h"
#include "report.h"

#define LOGS_MAX 20	/* failures whose timelines and logs are shown: a merge request's comment has its limits */

static void put_violations(FILE *f, const struct report_story *story)
{
	if (!story->violation_count)
		return;
	fputs("\n| step | page | has | expected |\n|---|---|---|---|\n", f);
	for (size_t i = 0; i < story->violation_count; i++) {
		markdown_cell(f, story->violations[i].step);
		markdown_cell(f, story->violations[i].page);
		markdown_cell(f, story->violations[i].has);
		markdown_cell(f, story->violations[i].expected);
		fputs("|\n", f);
	}
	fputc('\n', f);
}

static void put_case(FILE *f, const struct report_case *one, bool whole)
{
	struct report_story story;

	report_story_make(&story, one->reason);
	fputs("- ", f);
	markdown_text(f, one->name);
	fputs(": ", f);
	markdown_text(f, story.message);
	fputc('\n', f);
	put_violations(f, &story);
	if (whole && *story.timeline) {
		fputc('\n', f);
		markdown_block(f, story.timeline);
	}
	report_story_free(&story);
}

static void put_block(FILE *f, const char *title, char *text)
{
	if (*text) {
		fprintf(f, "\n%s:\n\n", title);
		markdown_block(f, text);
	}
	free(text);
}

static void put_failure(FILE *f, const struct report *report, const struct report_test *test, bool whole)
{
	char *place = report_place(report, test);

	fputs("\n### ", f);
	markdown_text(f, test->name);
	fputs(", ", f);
	markdown_text(f, place);
	fprintf(f, ": %s%s%s\n\n", verdict_name(test->verdict), *test->class ? ", " : "", test->class);
	markdown_text(f, test->reason);
	fputs("\n\n", f);
	for (size_t i = 0; i < test->case_count; i++)
		if (verdict_is_failure(test->cases[i].verdict))
			put_case(f, &test->cases[i], whole);
	if (*test->fingerprint) {
		fputs("\nFingerprint: ", f);
		markdown_text(f, test->fingerprint);
		fputc('\n', f);
	}
	if (whole) {
		put_block(f, "Who waits for whom", report_diagnosis(report, test));
		put_block(f, "Kernel log", report_kernel_log(report, test));
	}
	put_block(f, "Again", report_command(report, test));
	free(place);
}

void report_markdown_failures(FILE *f, const struct report *report)
{
	size_t count = 0;

	if (!report->totals.failures)
		return;
	fputs("\n## Failures\n", f);
	if (report->totals.failures > LOGS_MAX)
		fprintf(f, "\nThe first %d have their timelines and logs.\n", LOGS_MAX);
	for (size_t i = 0; i < report->test_count; i++)
		if (verdict_is_failure(report->tests[i].verdict))
			put_failure(f, report, &report->tests[i], count++ < LOGS_MAX);
}

void report_markdown_groups(FILE *f, const struct report *report, enum verdict verdict, const char *title)
{
	struct report_groups groups;

	report_groups_make(&groups, report, verdict);
	if (groups.count)
		fprintf(f, "\n## %s\n\n| test | case | why | where |\n|---|---|---|---|\n", title);
	for (size_t i = 0; i < groups.count; i++) {
		char *places = report_group_places(report, &groups.all[i]);

		markdown_cell(f, groups.all[i].test);
		markdown_cell(f, groups.all[i].name);
		markdown_cell(f, groups.all[i].reason);
		markdown_cell(f, places);
		fputs("|\n", f);
		free(places);
	}
	report_groups_free(&groups);
}
