/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs of sptest by sptest: tests on a kernel with a defect switched on, and what they left. */
#ifndef SPTEST_MUTANT_TESTS_H
#define SPTEST_MUTANT_TESTS_H

#include <jansson.h>
#include <stdbool.h>

struct mutant_options;

struct mutant_tests {
	const char *mutant;	/* --mutant, or NULL */
	const char *append;	/* kernel parameters, or NULL */
	const char *timeout;	/* seconds for each test, or NULL */
	const char *tests;	/* globs, or NULL: all */
	const char *jobs;	/* --jobs, or NULL */
	bool fail_fast;
};

/* One `sptest run` into folder, all that it says in folder/log. Its exit status. */
int mutant_tests_run(const char *folder, const struct mutant_tests *what,
		     const struct mutant_options *options);

/* summary.json of the newest run in folder, or NULL. */
json_t *mutant_tests_summary(const char *folder);

/* What a test of that run printed; "" if nothing. The caller's to free. */
char *mutant_tests_ktap(const char *folder, json_t *test);

/* A string member of an object, "" if there is none. */
const char *mutant_tests_text(json_t *object, const char *key);

#endif
