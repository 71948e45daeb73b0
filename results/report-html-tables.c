// SPDX-License-Identifier: GPL-2.0-only
/* Call sites, known bugs, skips. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report-group.h"
#include "report-html.h"
#include "report-look.h"
#include "report.h"

static void put_group(struct html *html, const struct report *report, const struct report_group *group)
{
	char *places = report_group_places(report, group);

	html_open(html, "tr", NULL);
	html_element(html, "td", NULL, group->test);
	html_element(html, "td", NULL, *group->name ? group->name : "all");
	html_element(html, "td", "pre", group->reason);
	html_element(html, "td", NULL, places);
	html_close(html);
	free(places);
}

static size_t put_groups(struct html *html, const struct report *report, enum verdict verdict,
			 const char *title)
{
	struct report_groups groups;
	size_t count;

	report_groups_make(&groups, report, verdict);
	if (groups.count) {
		if (title)
			html_element(html, "h3", NULL, title);
		html_open(html, "div", "wide");
		html_raw(html, "<table><tr><th>test</th><th>case</th><th>why</th><th>where</th></tr>");
		for (size_t i = 0; i < groups.count; i++)
			put_group(html, report, &groups.all[i]);
		html_raw(html, "</table>");
		html_close(html);
	}
	count = groups.count;
	report_groups_free(&groups);
	return count;
}

void report_html_groups(struct html *html, const struct report *report)
{
	size_t known;

	html_raw(html, "<h2 id=\"known\">Known bugs</h2>");
	known = put_groups(html, report, VERDICT_XFAIL, "Failed as known");
	known += put_groups(html, report, VERDICT_XPASS, "Gone: known bugs no longer seen");
	if (!known)
		html_element(html, "p", "dim", "None showed.");
	html_raw(html, "<h2 id=\"skipped\">Skipped</h2>");
	if (!put_groups(html, report, VERDICT_SKIP, NULL))
		html_element(html, "p", "dim", "Nothing.");
}

static void put_site(struct html *html, const struct report_site *site)
{
	if (!site) {
		html_element(html, "td", NULL, "");
		return;
	}
	html_open(html, "td", site->reached == site->total ? "p" : site->reached ? "k" : "f");
	if (site->total > 1)
		html_printf(html, "%zu/%zu", site->reached, site->total);
	else
		html_text(html, site->reached ? "✓" : "✗");
	html_close(html);
}

static void put_function(struct html *html, const struct report *report, const struct report_site *first,
			 const struct report_site *end)
{
	html_open(html, "tr", NULL);
	html_open(html, "th", NULL);
	html_attribute(html, "scope", "row");
	html_attribute(html, "title", first->function);
	html_text(html, first->function);
	html_close(html);
	for (size_t i = 0; i < report->column_count; i++)
		if (report_first_of_kernel(report, i))
			put_site(html, report_site_of(first, end, report->columns[i].kernel));
	html_close(html);
}

/* How many of a kind on each kernel. */
static void put_kind_head(struct html *html, const struct report *report, const struct report_site *first,
			  const struct report_site *end)
{
	html_open(html, "tr", NULL);
	html_open(html, "th", NULL);
	html_attribute(html, "scope", "row");
	html_text(html, first->kind);
	html_close(html);
	for (size_t i = 0; i < report->column_count; i++) {
		size_t reached, total;

		if (!report_first_of_kernel(report, i))
			continue;
		report_sites_count(first, end, report->columns[i].kernel, &reached, &total);
		html_open(html, "th", NULL);
		html_text(html, report->columns[i].title);
		html_open(html, "br", NULL);
		html_void(html);
		html_printf(html, "%zu/%zu", reached, total);
		html_close(html);
	}
	html_close(html);
}

static void put_kind(struct html *html, const struct report *report, const struct report_site *first,
		     const struct report_site *end)
{
	const struct report_site *next;

	html_open(html, "div", "wide");
	html_open(html, "table", "matrix");
	html_open(html, "thead", NULL);
	put_kind_head(html, report, first, end);
	html_close(html);
	html_open(html, "tbody", NULL);
	for (; first < end; first = next) {
		for (next = first; next < end && !strcmp(next->function, first->function); next++)
			;
		put_function(html, report, first, next);
	}
	html_close(html);
	html_close(html);
	html_close(html);
}

void report_html_coverage(struct html *html, const struct report *report)
{
	const struct report_site *site = report->sites, *end = site + report->site_count, *next;

	html_raw(html, "<h2 id=\"coverage\">Coverage</h2>");
	if (site == end)
		html_element(html, "p", "dim", "No test said what it reached.");
	for (; site < end; site = next) {
		for (next = site; next < end && !strcmp(next->kind, site->kind); next++)
			;
		put_kind(html, report, site, next);
	}
}
