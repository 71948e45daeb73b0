// SPDX-License-Identifier: GPL-2.0-only
/* Every failure with all that is known of it, to unfold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "html.h"
#include "report-html.h"
#include "report-log.h"
#include "report.h"

#define OPEN_MAX 3	/* that are shown unfolded */
#define LOGS_MAX 200	/* whose logs are shown: a page of a night that failed must stay readable */

static void put_violations(struct html *html, const struct report_story *story)
{
	if (!story->violation_count)
		return;
	html_open(html, "div", "wide");
	html_raw(html, "<table><tr><th>step</th><th>page</th><th>has</th><th>expected</th></tr>");
	for (size_t i = 0; i < story->violation_count; i++) {
		const struct report_violation *violation = &story->violations[i];

		html_open(html, "tr", NULL);
		html_element(html, "td", NULL, violation->step);
		html_element(html, "td", "n", violation->page);
		html_element(html, "td", "f", violation->has);
		html_element(html, "td", "p", violation->expected);
		html_close(html);
	}
	html_raw(html, "</table>");
	html_close(html);
}

/* What a witness objected to is marked "!!" and stands out. */
static void put_timeline(struct html *html, const char *timeline)
{
	if (!*timeline)
		return;
	html_open(html, "pre", NULL);
	while (*timeline) {
		size_t length = strcspn(timeline, "\n");
		char *line = xasprintf("%.*s\n", (int)length, timeline);

		if (strstr(line, " !! "))
			html_element(html, "span", "f", line);
		else
			html_text(html, line);
		free(line);
		timeline += length + (timeline[length] == '\n');
	}
	html_close(html);
}

static void put_case(struct html *html, const struct report_case *one)
{
	struct report_story story;

	report_story_make(&story, one->reason);
	html_open(html, "h3", NULL);
	html_printf(html, "%s %s", report_html_symbol(one->verdict), one->name);
	html_close(html);
	html_element(html, "p", "pre", story.message);
	put_violations(html, &story);
	put_timeline(html, story.timeline);
	report_story_free(&story);
}

static void put_logs(struct html *html, const struct report *report, const struct report_test *test)
{
	char *log = report_kernel_log(report, test), *script = report_script(report, test);
	char *diagnosis = report_diagnosis(report, test);

	for (size_t i = 0; i < test->case_count; i++)
		if (verdict_is_failure(test->cases[i].verdict))
			put_case(html, &test->cases[i]);
	if (*diagnosis) {
		html_element(html, "h3", NULL, "Who waits for whom");
		html_element(html, "pre", NULL, diagnosis);
	}
	if (*log) {
		html_element(html, "h3", NULL, "Kernel log");
		html_element(html, "pre", NULL, log);
	}
	if (*script) {
		html_open(html, "p", NULL);
		html_text(html, "Again, with this very image: ");
		html_element(html, "code", NULL, script);
		html_close(html);
	}
	free(diagnosis);
	free(script);
	free(log);
}

/* Of a failure whose logs are not shown. */
static void put_case_names(struct html *html, const struct report_test *test)
{
	html_open(html, "ul", NULL);
	for (size_t i = 0; i < test->case_count; i++)
		if (verdict_is_failure(test->cases[i].verdict)) {
			html_open(html, "li", NULL);
			html_printf(html, "%s: %.*s", test->cases[i].name,
				    (int)strcspn(test->cases[i].reason, "\n"), test->cases[i].reason);
			html_close(html);
		}
	html_close(html);
}

static void put_failure(struct html *html, const struct report *report, size_t place, size_t number)
{
	const struct report_test *test = &report->tests[place];
	char *where = report_place(report, test), *command = report_command(report, test), id[32];

	snprintf(id, sizeof(id), "f%zu", place);
	html_open(html, "details", NULL);
	html_attribute(html, "id", id);
	if (number < OPEN_MAX)
		html_attribute(html, "open", "open");
	html_open(html, "summary", NULL);
	html_open(html, "span", "tag f");
	html_printf(html, "%s %s", report_html_symbol(test->verdict), verdict_name(test->verdict));
	html_close(html);
	html_element(html, "b", NULL, test->name);
	html_element(html, "span", "dim", where);
	if (*test->class)
		html_element(html, "span", "tag k", test->class);
	html_printf(html, " %s", test->reason);
	html_close(html);
	if (*test->fingerprint) {
		html_open(html, "p", NULL);
		html_text(html, "Fingerprint: ");
		html_element(html, "code", NULL, test->fingerprint);
		html_close(html);
	}
	if (number < LOGS_MAX)
		put_logs(html, report, test);
	else
		put_case_names(html, test);
	html_open(html, "p", NULL);
	html_text(html, "Again: ");
	html_element(html, "code", NULL, command);
	html_close(html);
	html_close(html);
	free(command);
	free(where);
}

void report_html_failures(struct html *html, const struct report *report)
{
	size_t number = 0;

	html_raw(html, "<h2 id=\"failures\">Failures</h2>");
	if (!report->totals.failures)
		html_element(html, "p", "dim", "None.");
	if (report->totals.failures > LOGS_MAX) {
		html_open(html, "p", "dim");
		html_printf(html, "The logs of the first %d of %zu are shown.", LOGS_MAX, report->totals.failures);
		html_close(html);
	}
	for (size_t i = 0; i < report->test_count; i++)
		if (verdict_is_failure(report->tests[i].verdict))
			put_failure(html, report, i, number++);
}
