// SPDX-License-Identifier: GPL-2.0-only
/* What tests measured: a table of the runs of the report, and how it came to be over the runs before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "html.h"
#include "plot.h"
#include "report-html.h"
#include "report.h"

typedef bool (*same)(const struct report_figure *a, const struct report_figure *b);

static bool same_test(const struct report_figure *a, const struct report_figure *b)
{
	return !strcmp(a->test, b->test);
}

static bool same_figure(const struct report_figure *a, const struct report_figure *b)
{
	return same_test(a, b) && !strcmp(a->name, b->name);
}

static bool same_line(const struct report_figure *a, const struct report_figure *b)
{
	return same_figure(a, b) && !strcmp(a->kernel, b->kernel) && !strcmp(a->mmu, b->mmu);
}

/* Behind the last of those that are the same as the first. */
static const struct report_figure *end_of(const struct report_figure *first, const struct report_figure *end, same same)
{
	const struct report_figure *next = first;

	while (next < end && same(first, next))
		next++;
	return next;
}

static void put_number(struct html *html, double value)
{
	html_open(html, "td", "n");
	html_printf(html, "%.6g", value);
	html_close(html);
}

static void put_row(struct html *html, const struct report_figure *figure)
{
	html_open(html, "tr", NULL);
	html_element(html, "td", NULL, figure->name);
	html_element(html, "td", NULL, figure->kernel);
	html_element(html, "td", NULL, figure->mmu);
	put_number(html, figure->mean);
	put_number(html, figure->least);
	put_number(html, figure->most);
	html_element(html, "td", NULL, figure->unit);
	html_element(html, "td", "dim", figure->less_is_better ? "less" : "more");
	html_open(html, "td", "n");
	html_printf(html, "%zu", figure->count);
	html_close(html);
	html_close(html);
}

static void put_table(struct html *html, const struct report_figure *figure, const struct report_figure *end)
{
	html_open(html, "div", "wide");
	html_raw(html, "<table><tr><th>figure</th><th>kernel</th><th>mmu</th><th class=\"n\">mean</th>"
		 "<th class=\"n\">least</th><th class=\"n\">most</th><th>unit</th><th>better</th><th class=\"n\">values</th></tr>");
	for (; figure < end; figure++)
		if (figure->chosen)
			put_row(html, figure);
	html_raw(html, "</table>");
	html_close(html);
}

static struct plot_line make_line(const struct report_figure *figure, const struct report_figure *end)
{
	struct plot_point *points = xzalloc((end - figure) * sizeof(*points));
	struct plot_line line = { .points = points };

	line.title = xasprintf("%s %s", figure->kernel, figure->mmu);
	for (; figure < end; figure++)
		points[line.count++] = (struct plot_point){
			.at = figure->at, .value = figure->mean, .least = figure->least, .most = figure->most,
		};
	return line;
}

/* The lines that have more than one point; one says nothing that the table does not. */
static size_t make_lines(struct plot_line *lines, const struct report_figure *figure, const struct report_figure *end)
{
	size_t count = 0;

	for (const struct report_figure *next; figure < end; figure = next) {
		next = end_of(figure, end, same_line);
		if (next - figure > 1)
			lines[count++] = make_line(figure, next);
	}
	return count;
}

/* False: it was to be drawn, and could not. */
static bool put_plot(struct html *html, size_t id, const struct report_figure *figure, const struct report_figure *end)
{
	struct plot_line *lines = xzalloc((end - figure) * sizeof(*lines));
	size_t count = make_lines(lines, figure, end);
	char name[24], *svg;

	snprintf(name, sizeof(name), "f%zu", id);
	svg = count ? plot_svg(name, figure->unit, lines, count) : NULL;
	if (svg) {
		html_open(html, "div", "plot");
		html_element(html, "b", NULL, figure->name);
		html_raw(html, svg);
		html_close(html);
	}
	for (size_t i = 0; i < count; i++) {
		free((char *)lines[i].title);
		free((struct plot_point *)lines[i].points);
	}
	free(lines);
	free(svg);
	return svg || !count;
}

void report_html_figures(struct html *html, const struct report *report)
{
	const struct report_figure *figure = report->figures, *end = figure + report->figure_count, *next, *stop;
	bool drawn = true;

	if (figure == end)
		return;
	html_raw(html, "<h2 id=\"figures\">Figures</h2>");
	for (; figure < end; figure = stop) {
		stop = end_of(figure, end, same_test);
		html_element(html, "h3", NULL, figure->test);
		put_table(html, figure, stop);
		for (; figure < stop && drawn; figure = next) {
			next = end_of(figure, stop, same_figure);
			drawn = put_plot(html, figure - report->figures, figure, next);
		}
	}
	if (!drawn)
		html_element(html, "p", "dim", "How they changed over the runs is drawn where gnuplot is installed.");
}
