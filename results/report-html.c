// SPDX-License-Identifier: GPL-2.0-only
#include "report-html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report.h"

static const struct {
	const char *symbol, *class, *meaning;
} looks[VERDICT_COUNT] = {
	[VERDICT_PASS] = { "✓", "p", "pass" },
	[VERDICT_FAIL] = { "✗", "f", "fail" },
	[VERDICT_SKIP] = { "–", "s", "skip" },
	[VERDICT_TIMEOUT] = { "T", "f", "timeout" },
	[VERDICT_HANG] = { "H", "f", "hang" },
	[VERDICT_PANIC] = { "P", "f", "panic" },
	[VERDICT_SPLAT] = { "S", "f", "splat in the kernel log" },
	[VERDICT_LOST] = { "?", "f", "lost: never finished" },
	[VERDICT_XFAIL] = { "x", "k", "fails as a known bug makes it" },
	[VERDICT_XPASS] = { "!", "k", "passes where a known bug should make it fail" },
};

const char *report_html_symbol(enum verdict verdict)
{
	return looks[verdict].symbol;
}

const char *report_html_class(enum verdict verdict)
{
	return looks[verdict].class;
}

static void put_head(struct html *html, const struct report *report)
{
	html_open(html, "head", NULL);
	html_raw(html, "<meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>");
	html_open(html, "title", NULL);
	html_printf(html, "sptest: %s, %zu of %zu", report_verdict(&report->totals), report->totals.failures,
		    report->totals.tests);
	html_close(html);
	html_open(html, "style", NULL);
	html_raw(html, report_html_style);
	html_close(html);
	html_close(html);
}

static const char *verdict_class(const struct report_totals *totals)
{
	return totals->failures ? "f" : totals->by_verdict[VERDICT_PASS] ? "p" : "s";
}

/* The totals as lengths. */
static void put_bar(struct html *html, const struct report_totals *totals)
{
	static const enum verdict order[] = {
		VERDICT_PASS, VERDICT_XPASS, VERDICT_XFAIL, VERDICT_SKIP, VERDICT_TIMEOUT, VERDICT_HANG,
		VERDICT_LOST, VERDICT_SPLAT, VERDICT_PANIC, VERDICT_FAIL,
	};

	html_open(html, "div", "bar");
	html_attribute(html, "aria-hidden", "true");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		char width[48];

		if (!totals->by_verdict[order[i]])
			continue;
		snprintf(width, sizeof(width), "flex:%zu 1 0", totals->by_verdict[order[i]]);
		html_open(html, "i", looks[order[i]].class);
		html_attribute(html, "style", width);
		html_close(html);
	}
	html_close(html);
}

static size_t count_kernels(const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->column_count; i++)
		count += !i || strcmp(report->columns[i].title, report->columns[i - 1].title);
	return count;
}

static void put_banner(struct html *html, const struct report *report)
{
	char *totals = report_totals_text(&report->totals);
	char class[16];

	snprintf(class, sizeof(class), "banner %s", verdict_class(&report->totals));
	html_open(html, "div", class);
	html_element(html, "b", NULL, report_verdict(&report->totals));
	html_printf(html, "%s; %zu test%s on %zu kernel%s, %zu run%s", totals, report->row_count,
		    report->row_count == 1 ? "" : "s",
		    count_kernels(report), count_kernels(report) == 1 ? "" : "s", report->run_count,
		    report->run_count == 1 ? "" : "s");
	put_bar(html, &report->totals);
	html_close(html);
	free(totals);
}

static void put_run(struct html *html, const struct report_run *run)
{
	char *totals = report_totals_text(&run->totals);

	html_open(html, "tr", NULL);
	html_open(html, "td", "n");
	html_printf(html, "%lld", (long long)run->id);
	html_close(html);
	html_element(html, "td", NULL, run->kernel);
	html_element(html, "td", NULL, run->mmu);
	html_element(html, "td", verdict_class(&run->totals), totals);
	html_element(html, "td", NULL, run->started);
	html_open(html, "td", "n");
	html_printf(html, "%.0f s", run->duration_s);
	html_close(html);
	html_element(html, "td", NULL, run->accel);
	html_open(html, "td", "n");
	html_printf(html, "%llu", (unsigned long long)run->seed);
	html_close(html);
	html_element(html, "td", NULL, run->source);
	html_close(html);
	free(totals);
}

static void put_runs(struct html *html, const struct report *report)
{
	static const char *const heads[] = {
		"run", "kernel", "mmu", "verdicts", "started", "took", "accel", "seed", "source",
	};

	html_open(html, "h2", NULL);
	html_attribute(html, "id", "runs");
	html_text(html, "Runs");
	html_close(html);
	html_open(html, "div", "wide");
	html_open(html, "table", NULL);
	html_open(html, "tr", NULL);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		html_element(html, "th", NULL, heads[i]);
	html_close(html);
	for (size_t i = 0; i < report->run_count; i++)
		put_run(html, &report->runs[i]);
	html_close(html);
	html_close(html);
}

static void put_legend(struct html *html)
{
	html_open(html, "p", "legend");
	for (enum verdict v = 0; v < VERDICT_COUNT; v++) {
		html_open(html, "span", NULL);
		html_element(html, "b", looks[v].class, looks[v].symbol);
		html_text(html, looks[v].meaning);
		html_close(html);
	}
	html_close(html);
}

char *report_html(const struct report *report)
{
	struct html *html = html_new();

	html_open(html, "html", NULL);
	html_attribute(html, "lang", "en");
	put_head(html, report);
	html_open(html, "body", NULL);
	html_element(html, "h1", NULL, "Secondary page tables: test report");
	put_banner(html, report);
	html_raw(html, "<nav><a href=\"#matrix\">Matrix</a> <a href=\"#failures\">Failures</a>"
		 " <a href=\"#known\">Known bugs</a> <a href=\"#skipped\">Skipped</a>"
		 " <a href=\"#coverage\">Coverage</a> ");
	if (report->mutant_count)
		html_raw(html, "<a href=\"#mutants\">Mutants</a> ");
	if (report->figure_count)
		html_raw(html, "<a href=\"#figures\">Figures</a> ");
	html_raw(html, "<a href=\"#runs\">Runs</a></nav>");
	report_html_matrix(html, report);
	put_legend(html);
	report_html_failures(html, report);
	report_html_groups(html, report);
	report_html_coverage(html, report);
	report_html_mutants(html, report);
	report_html_figures(html, report);
	put_runs(html, report);
	html_close(html);
	html_close(html);
	return html_finish(html);
}
