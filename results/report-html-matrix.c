// SPDX-License-Identifier: GPL-2.0-only
/* Tests down, kernels and modes across; the days of each test as bars. */
#include <stdio.h>

#include "html.h"
#include "report-html.h"
#include "report-look.h"
#include "report.h"

#define BAR_WIDTH 4
#define BAR_HEIGHT 16

static void attribute_number(struct html *html, const char *name, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%g", value);
	html_attribute(html, name, text);
}

static void put_kernels(struct html *html, const struct report *report)
{
	html_open(html, "tr", NULL);
	html_raw(html, "<th rowspan=\"2\" scope=\"row\">test</th><th rowspan=\"2\">days</th>");
	for (size_t i = 0; i < report->column_count; i++) {
		size_t end = i + 1;

		if (!report_first_of_kernel(report, i))
			continue;
		while (end < report->column_count && !report_first_of_kernel(report, end))
			end++;
		html_open(html, "th", "e");
		attribute_number(html, "colspan", end - i);
		html_attribute(html, "title", report->columns[i].kernel);
		html_text(html, report->columns[i].title);
		html_close(html);
	}
	html_close(html);
	html_open(html, "tr", NULL);
	for (size_t i = 0; i < report->column_count; i++)
		html_element(html, "th", report_first_of_kernel(report, i) ? "m e" : "m", report->columns[i].mmu);
	html_close(html);
}

/* A bar a day: its height is how long the test took, against the longest. */
static void put_days(struct html *html, const struct report_row *row)
{
	double longest = 0.001;

	html_open(html, "td", "t");
	html_open(html, "svg", NULL);
	attribute_number(html, "width", row->day_count * BAR_WIDTH);
	attribute_number(html, "height", BAR_HEIGHT);
	html_attribute(html, "role", "img");
	for (size_t i = 0; i < row->day_count; i++)
		if (row->days[i].duration_s > longest)
			longest = row->days[i].duration_s;
	for (size_t i = 0; i < row->day_count; i++) {
		const struct report_day *day = &row->days[i];
		double height = 3 + (BAR_HEIGHT - 3) * day->duration_s / longest;

		html_open(html, "rect", day->failures ? "f" : "p");
		attribute_number(html, "x", i * BAR_WIDTH);
		attribute_number(html, "y", BAR_HEIGHT - height);
		attribute_number(html, "width", BAR_WIDTH - 1);
		attribute_number(html, "height", height);
		html_open(html, "title", NULL);
		html_printf(html, "%s: %zu of %zu failed, %.1f s", day->date, day->failures, day->tests,
			    day->duration_s);
		html_close(html);
		html_close(html);
	}
	html_close(html);
	html_close(html);
}

static void put_cell(struct html *html, const struct report *report, const struct report_test *test)
{
	const char *symbol = report_html_symbol(test->verdict);
	char link[32];

	html_open(html, "td", report_html_class(test->verdict));
	if (test->verdict != VERDICT_PASS)
		html_attribute(html, "title", *test->reason ? test->reason : verdict_name(test->verdict));
	if (verdict_is_failure(test->verdict)) {
		snprintf(link, sizeof(link), "#f%zu", (size_t)(test - report->tests));
		html_open(html, "a", NULL);
		html_attribute(html, "href", link);
		html_text(html, symbol);
		html_close(html);
	} else {
		html_text(html, symbol);
	}
	html_close(html);
}

static bool all_good(const struct report_test *test, const struct report_test *end)
{
	while (test < end && !verdict_is_failure(test->verdict))
		test++;
	return test == end;
}

/* All tests of a row, which stand one after the other, by column. */
static void put_row(struct html *html, const struct report *report, const struct report_test *test,
		    const struct report_test *end)
{
	html_open(html, "tr", all_good(test, end) ? "good" : NULL);
	html_open(html, "th", NULL);
	html_attribute(html, "scope", "row");
	html_attribute(html, "title", test->name);
	html_text(html, test->name);
	html_close(html);
	put_days(html, &report->rows[test->row]);
	for (size_t column = 0; column < report->column_count; column++) {
		const struct report_test *next = test;

		while (next < end && next->column == column)
			next++;
		if (next > test)
			put_cell(html, report, report_worst(test, next));
		else
			html_element(html, "td", NULL, "");
		test = next;
	}
	html_close(html);
}

void report_html_matrix(struct html *html, const struct report *report)
{
	const struct report_test *test = report->tests, *end = test + report->test_count, *next;

	html_raw(html, "<h2 id=\"matrix\">Matrix</h2>");
	if (!report->test_count) {
		html_element(html, "p", "dim", "No test ran.");
		return;
	}
	html_raw(html, "<input type=\"checkbox\" id=\"bad\"/> <label for=\"bad\">only tests that failed somewhere</label>");
	html_open(html, "div", "wide");
	html_open(html, "table", "matrix");
	html_open(html, "thead", NULL);
	put_kernels(html, report);
	html_close(html);
	html_open(html, "tbody", NULL);
	for (; test < end; test = next) {
		for (next = test; next < end && next->row == test->row; next++)
			;
		put_row(html, report, test, next);
	}
	html_close(html);
	html_close(html);
	html_close(html);
	html_element(html, "p", "dim",
		     "Days: a bar for each of the last 30 days in the store, as high as the test took long, red if it failed.");
}
