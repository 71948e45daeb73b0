// SPDX-License-Identifier: GPL-2.0-only
/* Every failure with all that is known of it, to unfold. */
#include <stdio.h>
#include <stdlib.h>

#include "html.h"
#include "report-html.h"
#include "report-log.h"
#include "report.h"

#define OPEN_MAX 3	/* that are shown unfolded */
#define LOGS_MAX 200	/* whose logs are shown: a page of a night that failed must stay readable */

static void put_cases(struct html *html, const struct report_test *test)
{
	bool head = false;

	for (size_t i = 0; i < test->case_count; i++) {
		if (!verdict_is_failure(test->cases[i].verdict))
			continue;
		if (!head) {
			html_open(html, "div", "wide");
			html_raw(html, "<table><tr><th>case</th><th>what it says</th></tr>");
		}
		head = true;
		html_open(html, "tr", NULL);
		html_element(html, "td", NULL, test->cases[i].name);
		html_element(html, "td", "pre", test->cases[i].reason);
		html_close(html);
	}
	if (head) {
		html_raw(html, "</table>");
		html_close(html);
	}
}

static void put_violations(struct html *html, const struct report_log *log)
{
	if (!log->violation_count)
		return;
	html_element(html, "h3", NULL, "Sptes that are not what they must be");
	html_open(html, "div", "wide");
	html_raw(html, "<table><tr><th>step</th><th>page</th><th>has</th><th>expected</th></tr>");
	for (size_t i = 0; i < log->violation_count; i++) {
		const struct report_violation *violation = &log->violations[i];

		html_open(html, "tr", NULL);
		html_element(html, "td", NULL, violation->step);
		html_element(html, "td", "n", violation->page);
		html_element(html, "td", NULL, violation->has);
		html_element(html, "td", NULL, violation->expected);
		html_close(html);
	}
	html_raw(html, "</table>");
	html_close(html);
}

static void put_part(struct html *html, const char *title, const char *text)
{
	if (!*text)
		return;
	html_element(html, "h3", NULL, title);
	html_element(html, "pre", NULL, text);
}

static void put_logs(struct html *html, const struct report *report, const struct report_test *test)
{
	struct report_log log;

	report_log_load(&log, report, test);
	put_violations(html, &log);
	put_part(html, "Timeline", log.timeline);
	put_part(html, "Kernel log", log.kernel);
	if (*log.script) {
		html_open(html, "p", "dim");
		html_text(html, "With this kernel image: ");
		html_element(html, "code", NULL, log.script);
		html_close(html);
	}
	report_log_free(&log);
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
	html_printf(html, " %s", test->reason);
	html_close(html);
	put_cases(html, test);
	if (*test->fingerprint) {
		html_open(html, "p", NULL);
		html_text(html, "Fingerprint: ");
		html_element(html, "code", NULL, test->fingerprint);
		html_close(html);
	}
	if (number < LOGS_MAX)
		put_logs(html, report, test);
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
