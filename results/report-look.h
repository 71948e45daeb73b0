/* SPDX-License-Identifier: GPL-2.0-only */
/* What the forms of a report that show tables look up in it. Text is the report's. */
#ifndef SPTEST_REPORT_LOOK_H
#define SPTEST_REPORT_LOOK_H

#include <stdbool.h>
#include <stddef.h>

struct report;
struct report_mutant;
struct report_site;
struct report_test;

/* Of a cell's rounds and runs, from test to before end, the worst. */
const struct report_test *report_worst(const struct report_test *test, const struct report_test *end);

/* Is the column the first of its kernel? */
bool report_first_of_kernel(const struct report *report, size_t column);

/* Sites of one function: that of a kernel, or NULL. */
const struct report_site *report_site_of(const struct report_site *first, const struct report_site *end,
					 const char *kernel);

/* How many of the sites between are reached on a kernel, and of how many. */
void report_sites_count(const struct report_site *first, const struct report_site *end, const char *kernel,
			size_t *reached, size_t *total);

struct report_campaign {
	const struct report_mutant *first;	/* it names kernel, mode, suite and start for all */
	size_t count, killed, reached;
};

/* By kernel, mode and suite, so that those of two suites stand side by side: how many; *campaigns is the caller's to free. */
size_t report_campaigns(const struct report *report, struct report_campaign **campaigns);

/* NULL: it was not about this mutant. */
const struct report_mutant *report_campaign_mutant(const struct report_campaign *campaign, const char *name);

/* One of each name, sorted: how many; *mutants is the caller's to free. */
size_t report_mutant_names(const struct report *report, const struct report_mutant ***mutants);

#endif
