/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the source of a kernel comes from: a linux-source package, a tree, a git tree, a tarball. */
#ifndef SPTEST_KERNEL_SOURCE_H
#define SPTEST_KERNEL_SOURCE_H

#include <stdint.h>

#include "packages.h"

struct kernel_list;

struct kernel_build_input {
	char *name;		/* for the folder that is built in */
	char *version;		/* upstream's, as far as it is known: "6.12.95" */
	char *path;		/* of the tarball or the tree */
	char *commit;		/* of a git tree, or NULL: as it is */
	char *description;	/* for people */
	uint64_t hash;		/* of what makes it another source */

	struct packages packages;	/* what package points into */
	const struct package *package;	/* to be fetched, or NULL */
};

/* The newest linux-source package of the list's suites for "6.12". Dies (STATUS_USAGE). */
void kernel_source_find(struct kernel_build_input *input, const char *version,
			const struct kernel_list *list);

/* A path; commit may be NULL. Dies (STATUS_USAGE). */
void kernel_source_path(struct kernel_build_input *input, const char *path, const char *commit);

/* Brings a package's tarball into the cache; nothing to do for a path. Dies (STATUS_HARNESS). */
void kernel_source_fetch(struct kernel_build_input *input);

void kernel_source_free(struct kernel_build_input *input);

#endif
