// SPDX-License-Identifier: GPL-2.0-only
#include "report-markdown.h"

#include <stdlib.h>

#include "host/die.h"
#include "markdown.h"
#include "report-forms.h"
#include "report.h"

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

		fprintf(f, "| %lld ", (long long)run->id);
		markdown_cell(f, run->kernel);
		markdown_cell(f, run->mmu);
		markdown_cell(f, line);
		markdown_cell(f, run->started);
		fputs("|\n", f);
		free(line);
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
	report_markdown_failures(f, report);
	report_markdown_groups(f, report, VERDICT_XPASS, "Gone: known bugs no longer seen");
	report_markdown_groups(f, report, VERDICT_XFAIL, "Known bugs");
	report_markdown_groups(f, report, VERDICT_SKIP, "Skipped");
	report_markdown_matrix(f, report);
	report_markdown_coverage(f, report);
	report_markdown_mutants(f, report);
	report_markdown_figures(f, report);
	fclose(f);
	return text;
}
