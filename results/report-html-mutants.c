// SPDX-License-Identifier: GPL-2.0-only
/* Would the tests have noticed? The newest campaign of each kernel, mode and suite, beside each other and one by one. */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report-html.h"
#include "report-look.h"
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

static void put_campaign(struct html *html, const struct report_campaign *campaign, bool folded)
{
	const struct report_mutant *first = campaign->first;

	html_open(html, "details", NULL);
	if (!folded)
		html_attribute(html, "open", "open");
	html_open(html, "summary", NULL);
	html_printf(html, "%s, mmu %s, suite %s: %zu of %zu reached mutants killed", first->kernel, first->mmu, first->suite,
		    campaign->killed, campaign->reached);
	html_close(html);
	html_element(html, "p", "dim", first->started);
	html_open(html, "div", "wide");
	html_raw(html, "<table><tr><th>verdict</th><th>mutant</th><th>what it stands for</th><th>killed by</th>"
		 "<th>why</th><th class=\"n\">took</th></tr>");
	for (size_t i = 0; i < campaign->count; i++)
		put_mutant(html, &first[i]);
	html_raw(html, "</table>");
	html_close(html);
	html_close(html);
}

static void put_head(struct html *html, const struct report_campaign *campaigns, size_t count)
{
	html_open(html, "tr", NULL);
	html_raw(html, "<th scope=\"row\">mutant</th>");
	for (size_t i = 0; i < count; i++) {
		const struct report_mutant *first = campaigns[i].first;

		html_open(html, "th", "e");
		html_attribute(html, "title", first->started);
		html_printf(html, "%s %s", first->kernel, first->mmu);
		html_open(html, "br", NULL);
		html_void(html);
		html_text(html, first->suite);
		html_open(html, "br", NULL);
		html_void(html);
		html_printf(html, "%zu/%zu", campaigns[i].killed, campaigns[i].reached);
		html_close(html);
	}
	html_close(html);
}

static void put_cell(struct html *html, const struct report_mutant *mutant)
{
	if (!mutant) {
		html_element(html, "td", NULL, "");
		return;
	}
	html_open(html, "td", class_of(mutant));
	if (*mutant->reason)
		html_attribute(html, "title", mutant->reason);
	html_text(html, *mutant->killer ? mutant->killer : mutant->verdict);
	html_close(html);
}

static void put_row(struct html *html, const struct report_campaign *campaigns, size_t count,
		    const struct report_mutant *mutant)
{
	html_open(html, "tr", NULL);
	html_open(html, "th", NULL);
	html_attribute(html, "scope", "row");
	html_attribute(html, "title", mutant->text);
	html_text(html, mutant->name);
	html_close(html);
	for (size_t i = 0; i < count; i++)
		put_cell(html, report_campaign_mutant(&campaigns[i], mutant->name));
	html_close(html);
}

static void put_beside(struct html *html, const struct report *report, const struct report_campaign *campaigns,
		       size_t count)
{
	const struct report_mutant **mutants;
	size_t rows = report_mutant_names(report, &mutants);

	html_open(html, "div", "wide");
	html_open(html, "table", "matrix");
	html_attribute(html, "id", "beside");
	html_open(html, "thead", NULL);
	put_head(html, campaigns, count);
	html_close(html);
	html_open(html, "tbody", NULL);
	for (size_t i = 0; i < rows; i++)
		put_row(html, campaigns, count, mutants[i]);
	html_close(html);
	html_close(html);
	html_close(html);
	html_element(html, "p", "dim", "Green: the test that killed it. A campaign may have been about few of them.");
	free(mutants);
}

void report_html_mutants(struct html *html, const struct report *report)
{
	struct report_campaign *campaigns;
	size_t count = report_campaigns(report, &campaigns);

	if (count)
		html_raw(html, "<h2 id=\"mutants\">Mutants</h2>");
	if (count > 1)
		put_beside(html, report, campaigns, count);
	for (size_t i = 0; i < count; i++)
		put_campaign(html, &campaigns[i], count > 1);
	free(campaigns);
}
