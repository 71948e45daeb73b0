/* SPDX-License-Identifier: GPL-2.0-only */
/* The forms of a report that are for programs and merge requests; the texts are the caller's to free. */
#ifndef SPTEST_REPORT_FORMS_H
#define SPTEST_REPORT_FORMS_H

struct report;

/* For a merge request or a mail: all that the page has but plots. */
char *report_markdown(const struct report *report);

/* A testsuite a run, a testcase a test; the cases that failed are in its failure. */
char *report_junit(const struct report *report);

/* KTAP version 1, a result a test, kernel and mode in its name. */
char *report_ktap(const struct report *report);

/* KCIDB's I/O schema v5.3: a checkout, a build and tests for each run. */
char *report_kcidb(const struct report *report);

/* docs/results.md has its fields. */
char *report_json(const struct report *report);

#endif
