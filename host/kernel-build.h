/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Host kernels that are built here, once: the result lies in path_cache("kernels")/built-NAME-HASH,
 * HASH being that of all that went in (source, fragments, patches, compiler, the build script).
 */
#ifndef SPTEST_KERNEL_BUILD_H
#define SPTEST_KERNEL_BUILD_H

#include <stdbool.h>

struct kernel;
struct kernel_list;

/* Builds word ("debug-6.12") from a linux-source package if need be; false: no flavour's name. */
bool kernel_build_word(struct kernel *kernel, const char *word, const struct kernel_list *list);

/*
 * The same from a tree, a git tree or a tarball. commit, of a git tree, may be NULL: the tree as it is.
 * Both die (STATUS_USAGE, STATUS_HARNESS) with one line.
 */
void kernel_build_source(struct kernel *kernel, const char *flavour, const char *source,
			 const char *commit);

#endif
