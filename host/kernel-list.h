/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of kernels: share/kernels/NAME.conf and the user's own, which win by name. */
#ifndef SPTEST_KERNEL_LIST_H
#define SPTEST_KERNEL_LIST_H

#include <stddef.h>
#include <stdint.h>

/* One file of the list: a suite of an apt archive, or one kernel on disk. */
struct kernel_source {
	char *name;		/* of the file, without .conf; a --kernel word if on disk */

	char *suite;		/* NULL: a kernel on disk */
	char *components;
	char *packages;		/* patterns, separated by blanks; the first wins */
	char *uri;		/* NULL: the Debian mirror */
	char *keyring;		/* absolute path */

	char *image, *modules;	/* of a kernel on disk; modules may be NULL */
};

struct kernel_list {
	struct kernel_source *sources;	/* sorted by name */
	size_t count;
	uint64_t hash;		/* of what the files say of suites */
};

/* Dies (STATUS_USAGE) on a bad file. */
void kernel_list_load(struct kernel_list *list);
void kernel_list_free(struct kernel_list *list);

#endif
