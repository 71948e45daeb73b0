/* SPDX-License-Identifier: GPL-2.0-only */
/* What the cases of a test come to: a case of several backings is run once over each of them. */
#ifndef SPTEST_LIB_CASE_RUN_H
#define SPTEST_LIB_CASE_RUN_H

#include <stdbool.h>
#include <stddef.h>

#define CASE_NAME_SIZE 128

struct backing;
struct test_case;

struct case_run {
	const struct test_case *test_case;
	const struct backing *backing;	/* NULL: the case names none */
	char name[CASE_NAME_SIZE];	/* "part", "part.memfd" */
	size_t index;			/* of the case */
};

/* The next one, the first after a zeroed one; false: there are no more. */
bool case_run_next(struct case_run *run);

/* Is it, or all of its case, what the glob names? */
bool case_run_matches(const struct case_run *run, const char *glob);

#endif
