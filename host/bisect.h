/* SPDX-License-Identifier: GPL-2.0-only */
/* git bisect over a kernel tree: each commit is built, booted and judged. */
#ifndef SPTEST_BISECT_H
#define SPTEST_BISECT_H

#include <stdbool.h>

struct bisect_options {
	const char *tree;	/* a git tree; it is only read */
	const char *good, *bad;	/* its commits */
	const char *flavour;
	const char *tests, *mmu;	/* of sptest run */
	const char *seed, *selftests, *accel;	/* the same, or NULL */
	char **command;		/* judges instead of the tests, or NULL */
	bool full, trust;	/* trust: the ends are not judged first */
};

/*
 * The log of git bisect, what was judged and the output of all of it go into folder. STATUS_OK: the
 * first bad commit was found, and is said on stdout. STATUS_FAILED: an end is not what it was said to be,
 * or only commits that cannot be judged are left.
 */
int bisect_run(const struct bisect_options *options, const char *folder);

#endif
