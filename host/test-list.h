/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests that are there: executables GROUP/NAME below a folder, each describing itself. */
#ifndef SPTEST_TEST_LIST_H
#define SPTEST_TEST_LIST_H

#include <jansson.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

struct test {
	char *name;		/* group/name */
	char *program;		/* its path here */
	char *proves;		/* one line */
	json_t *description;	/* what --describe printed */
	unsigned int timeout_s;	/* on hardware */
	bool destructive;
	const char *full;	/* why only full runs have it, or NULL; the description's */
	bool two_nodes;		/* the machine needs a second one */
	regex_t *expected;	/* kernel messages that it may cause */
	size_t expected_count;
};

struct test_list {
	struct test *tests;	/* by name */
	size_t count;
};

/*
 * Those below dir whose group/name (or group, or name alone) matches one of the globs in `select`,
 * separated by commas or spaces; NULL: all. Dies (STATUS_USAGE) if dir cannot be read, and warns of
 * a file whose --describe makes no sense.
 */
void test_list_load(struct test_list *list, const char *dir, const char *select);
void test_list_free(struct test_list *list);

/* The kernel modules that they ask for, each once, NULL-terminated; free the array only. */
const char **test_list_modules(const struct test_list *list, size_t *count);

#endif
