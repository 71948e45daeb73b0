/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A report as one HTML file: no script, no network, dark and light, readable on a phone.
 * report_html() is for everybody, the parts of the page are for report-html.c.
 */
#ifndef SPTEST_REPORT_HTML_H
#define SPTEST_REPORT_HTML_H

#include "verdict.h"

struct html;
struct report;

/* The caller's to free. */
char *report_html(const struct report *report);

void report_html_matrix(struct html *html, const struct report *report);
void report_html_failures(struct html *html, const struct report *report);
void report_html_coverage(struct html *html, const struct report *report);
void report_html_groups(struct html *html, const struct report *report);
/* Nothing if there is no campaign in the store. */
void report_html_mutants(struct html *html, const struct report *report);

/* Nothing if no run of the report measured anything. */
void report_html_figures(struct html *html, const struct report *report);

/* A character for a verdict, and the class that colours it. */
const char *report_html_symbol(enum verdict verdict);
const char *report_html_class(enum verdict verdict);

extern const char report_html_style[];

#endif
