// SPDX-License-Identifier: GPL-2.0-only
/* The matrix, call sites, mutants and figures. */
#include <stdlib.h>
#include <string.h>

#include "markdown.h"
#include "report-look.h"
#include "report-markdown.h"
#include "report.h"

static void put_rule(FILE *f, size_t columns)
{
	while (columns--)
		fputs("|---", f);
	fputs("|\n", f);
}

/* All tests of a row, which stand one after the other, by column. */
static void put_row(FILE *f, const struct report *report, const struct report_test *test, const struct report_test *end)
{
	markdown_cell(f, test->name);
	for (size_t column = 0; column < report->column_count; column++) {
		const struct report_test *next = test;

		while (next < end && next->column == column)
			next++;
		fprintf(f, "| %s ", next > test ? verdict_name(report_worst(test, next)->verdict) : "");
		test = next;
	}
	fputs("|\n", f);
}

void report_markdown_matrix(FILE *f, const struct report *report)
{
	const struct report_test *test = report->tests, *end = test + report->test_count, *next;

	if (test == end)
		return;
	fputs("\n## Matrix\n\n| test ", f);
	for (size_t i = 0; i < report->column_count; i++) {
		markdown_cell(f, report->columns[i].title);
		markdown_text(f, report->columns[i].mmu);
		fputc(' ', f);
	}
	fputs("|\n", f);
	put_rule(f, report->column_count + 1);
	for (; test < end; test = next) {
		for (next = test; next < end && next->row == test->row; next++)
			;
		put_row(f, report, test, next);
	}
}

static size_t put_kernels(FILE *f, const struct report *report, const struct report_site *first,
			  const struct report_site *end)
{
	size_t count = 0, reached, total;

	markdown_cell(f, first->kind);
	for (size_t i = 0; i < report->column_count; i++) {
		if (!report_first_of_kernel(report, i))
			continue;
		report_sites_count(first, end, report->columns[i].kernel, &reached, &total);
		markdown_cell(f, report->columns[i].title);
		fprintf(f, "%zu/%zu ", reached, total);
		count++;
	}
	fputs("|\n", f);
	return count;
}

static void put_function(FILE *f, const struct report *report, const struct report_site *first,
			 const struct report_site *end)
{
	markdown_cell(f, first->function);
	for (size_t i = 0; i < report->column_count; i++) {
		const struct report_site *site;

		if (!report_first_of_kernel(report, i))
			continue;
		site = report_site_of(first, end, report->columns[i].kernel);
		if (site)
			fprintf(f, "| %zu/%zu ", site->reached, site->total);
		else
			fputs("| ", f);
	}
	fputs("|\n", f);
}

void report_markdown_coverage(FILE *f, const struct report *report)
{
	const struct report_site *site = report->sites, *end = site + report->site_count, *stop, *next;

	if (site < end)
		fputs("\n## Coverage\n", f);
	for (; site < end; site = stop) {
		for (stop = site; stop < end && !strcmp(stop->kind, site->kind); stop++)
			;
		fputc('\n', f);
		put_rule(f, put_kernels(f, report, site, stop) + 1);
		for (; site < stop; site = next) {
			for (next = site; next < stop && !strcmp(next->function, site->function); next++)
				;
			put_function(f, report, site, next);
		}
	}
}

static void put_scores(FILE *f, const struct report_campaign *campaigns, size_t count)
{
	fputs("\n| kernel | mmu | suite | started | killed of reached |\n|---|---|---|---|---|\n", f);
	for (size_t i = 0; i < count; i++) {
		const struct report_mutant *first = campaigns[i].first;

		markdown_cell(f, first->kernel);
		markdown_cell(f, first->mmu);
		markdown_cell(f, first->suite);
		markdown_cell(f, first->started);
		fprintf(f, "| %zu of %zu |\n", campaigns[i].killed, campaigns[i].reached);
	}
}

static void put_mutant(FILE *f, const struct report_campaign *campaigns, size_t count, const struct report_mutant *mutant)
{
	markdown_cell(f, mutant->name);
	markdown_cell(f, mutant->text);
	for (size_t i = 0; i < count; i++) {
		const struct report_mutant *here = report_campaign_mutant(&campaigns[i], mutant->name);

		markdown_cell(f, here ? here->verdict : "");
		if (here && *here->killer) {
			fputs("by ", f);
			markdown_text(f, here->killer);
			fputc(' ', f);
		}
	}
	fputs("|\n", f);
}

void report_markdown_mutants(FILE *f, const struct report *report)
{
	struct report_campaign *campaigns;
	const struct report_mutant **mutants;
	size_t count = report_campaigns(report, &campaigns), rows = report_mutant_names(report, &mutants);

	if (!count)
		goto out;
	fputs("\n## Mutants\n", f);
	put_scores(f, campaigns, count);
	fputs("\n| mutant | what it stands for ", f);
	for (size_t i = 0; i < count; i++) {
		markdown_cell(f, campaigns[i].first->kernel);
		markdown_text(f, campaigns[i].first->mmu);
		fputc(' ', f);
		markdown_text(f, campaigns[i].first->suite);
		fputc(' ', f);
	}
	fputs("|\n", f);
	put_rule(f, count + 2);
	for (size_t i = 0; i < rows; i++)
		put_mutant(f, campaigns, count, mutants[i]);
out:
	free(campaigns);
	free(mutants);
}

void report_markdown_figures(FILE *f, const struct report *report)
{
	bool any = false;

	for (size_t i = 0; i < report->figure_count; i++) {
		const struct report_figure *figure = &report->figures[i];

		if (!figure->chosen)
			continue;
		if (!any)
			fputs("\n## Figures\n\n| test | figure | kernel | mmu | mean | least | most | unit | better | values |\n"
			      "|---|---|---|---|---:|---:|---:|---|---|---:|\n", f);
		any = true;
		markdown_cell(f, figure->test);
		markdown_cell(f, figure->name);
		markdown_cell(f, figure->kernel);
		markdown_cell(f, figure->mmu);
		fprintf(f, "| %.6g | %.6g | %.6g ", figure->mean, figure->least, figure->most);
		markdown_cell(f, figure->unit);
		fprintf(f, "| %s | %zu |\n", figure->less_is_better ? "less" : "more", figure->count);
	}
}
