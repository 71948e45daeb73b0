/* SPDX-License-Identifier: GPL-2.0-only */
/* What versions there are: by the suites of the list, and in the cache. */
#ifndef SPTEST_KERNEL_VERSIONS_H
#define SPTEST_KERNEL_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel-list.h"
#include "packages.h"

struct kernel_version {
	char *version;		/* as people say: 6.12.74, 7.3-rc7 */
	char *package_version;
	char *package;		/* linux-image-... */
	char *suite;
	char *folder;		/* name in the cache of kernels, there or not */
	bool cached;
	bool whole;		/* all the packages that it consists of are to be had */
	bool own;		/* from a suite of the machine's own apt */
	const struct package *parts[5];	/* to be fetched, NULL at the end */
};

struct kernel_versions {
	struct kernel_version *all;	/* newest first */
	size_t count;
	struct packages packages;
	char error[400];	/* why there are only cached ones, or "" */
};

void kernel_versions_load(struct kernel_versions *versions, const struct kernel_list *list,
			  bool refresh);
void kernel_versions_free(struct kernel_versions *versions);

/*
 * The newest that a word names (prefix of a version, a package's version, or a release); with word
 * NULL the newest of the machine's own suites. Whole ones come before others. NULL: none.
 */
const struct kernel_version *kernel_versions_find(const struct kernel_versions *versions,
						  const char *word);

/* Fetches it into the cache, if it is not there. 0, or -errno with one line in error. */
int kernel_version_fetch(const struct kernel_version *version, char error[400]);

#endif
