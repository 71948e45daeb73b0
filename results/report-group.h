/* SPDX-License-Identifier: GPL-2.0-only */
/* What was the same in many places of a report: a skip, a known bug, with where it was. */
#ifndef SPTEST_REPORT_GROUP_H
#define SPTEST_REPORT_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "verdict.h"

struct report;

struct report_group {
	const char *test, *name;	/* name: of the case, "" for all of the test */
	char *reason;			/* its first line */
	bool *columns;			/* of the report: there it was so */
	size_t count;			/* of columns */
};

struct report_groups {
	struct report_group *all;
	size_t count;
};

/* The tests and cases of that verdict, by test, case and reason. Text is the report's. */
void report_groups_make(struct report_groups *groups, const struct report *report, enum verdict verdict);
void report_groups_free(struct report_groups *groups);

/* "everywhere", "6.1.192 tdp, shadow; 7.3.4 all modes"; the caller's to free. */
char *report_group_places(const struct report *report, const struct report_group *group);

#endif
