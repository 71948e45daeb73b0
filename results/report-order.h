/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows and columns out of the tests, for report_load(), and who stands where. */
#ifndef SPTEST_REPORT_ORDER_H
#define SPTEST_REPORT_ORDER_H

struct report;

int report_by_id(const void *a, const void *b);		/* of struct report_run */
int report_row_by_name(const void *a, const void *b);	/* of struct report_row */
int report_mode_order(const char *a, const char *b);	/* tdp, direct, shadow, others */

/* Makes columns and rows, gives each test its place in them and sorts the tests. */
void report_order_tests(struct report *report);

/* Gives the cases, sorted by test, to their tests. */
void report_order_cases(struct report *report);

#endif
