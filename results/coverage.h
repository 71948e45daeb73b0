/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests have reached of what there is to reach. A test says both, in diagnostics at its outermost
 * level, in as many lines as it likes:
 *
 *	# coverable KIND: NAME NAME ...
 *	# covers KIND: NAME NAME ...
 *
 * What a KIND is ("notifier call sites") and what has a NAME is the test's affair.
 */
#ifndef SPTEST_COVERAGE_H
#define SPTEST_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>

struct coverage_site {
	char *name;
	bool reached;
	char **by;		/* tests that reached it, each once; of a run's coverage only */
	size_t by_count;
};

struct coverage_kind {
	char *kind;
	bool known;		/* somebody said what there is: sites holds all of it */
	struct coverage_site *sites;	/* in the order in which they were named */
	size_t count;
};

struct coverage {
	struct coverage_kind *kinds;
	size_t count;
};

/* A diagnostic without its "# "; any other than the two is let be. */
void coverage_take(struct coverage *coverage, const char *diagnostic);

/* Adds what is in `from`, reached by that test (NULL: by whom is not kept). */
void coverage_add(struct coverage *into, const struct coverage *from, const char *by);
void coverage_release(struct coverage *coverage);

size_t coverage_reached(const struct coverage_kind *kind);

#endif
