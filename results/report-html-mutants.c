// SPDX-License-Identifier: GPL-2.0-only
/* Would the tests have noticed? The newest campaign of each kernel and mode. */
#include <string.h>

#include "html.h"
#include "report-html.h"
#include "report.h"

static const char *class_of(const struct report_mutant *mutant)
{
	if (!strcmp(mutant->verdict, "killed"))
		return "p";
	return strcmp(mutant->verdict, "survived") ? "s" : "f";
}

static void put_mutant(struct html *html, const struct report_mutant *mutant)
{
	html_open(html, "tr", NULL);
	html_element(html, "td", class_of(mutant), mutant->verdict);
	html_element(html, "td", NULL, mutant->name);
	html_element(html, "td", "w", mutant->text);
	html_element(html, "td", NULL, mutant->killer);
	html_element(html, "td", "pre", mutant->reason);
	html_open(html, "td", "n");
	html_printf(html, "%.1f s", mutant->duration_s);
	html_close(html);
	html_close(html);
}

static void put_campaign(struct html *html, const struct report_mutant *first, const struct report_mutant *end)
{
	size_t killed = 0, survived = 0;

	for (const struct report_mutant *mutant = first; mutant < end; mutant++) {
		killed += !strcmp(mutant->verdict, "killed");
		survived += !strcmp(mutant->verdict, "survived");
	}
	html_open(html, "h3", NULL);
	html_printf(html, "%s, mmu %s, suite %s: %zu of %zu reached mutants killed", first->kernel, first->mmu, first->suite, killed,
		    killed + survived);
	html_close(html);
	html_element(html, "p", "dim", first->started);
	html_open(html, "div", "wide");
	html_raw(html, "<table><tr><th>verdict</th><th>mutant</th><th>what it stands for</th><th>killed by</th>"
		 "<th>why</th><th class=\"n\">took</th></tr>");
	for (; first < end; first++)
		put_mutant(html, first);
	html_raw(html, "</table>");
	html_close(html);
}

void report_html_mutants(struct html *html, const struct report *report)
{
	const struct report_mutant *mutant = report->mutants, *end = mutant + report->mutant_count, *next;

	if (mutant == end)
		return;
	html_raw(html, "<h2 id=\"mutants\">Mutants</h2>");
	for (; mutant < end; mutant = next) {
		for (next = mutant; next < end && report_same_campaign(mutant, next); next++)
			;
		put_campaign(html, mutant, next);
	}
}
