/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own selftests as tests of sptest: built once from the source that a kernel came from, and kept in
 * path_cache("upstream")/VERSION-HASH, HASH being that of all that went in (source, lists, compiler, script).
 */
#ifndef SPTEST_UPSTREAM_H
#define SPTEST_UPSTREAM_H

#include "args.h"

struct kernel;

struct upstream {
	char *folder;
	char *selftests;	/* in it, for --selftests */
	struct args with;	/* for --with: their programs, and what starts them in the host machine */
};

/*
 * For kernel: from source (a tree or a tarball), or NULL: from the linux-source package of its version. Builds what is
 * missing; no kernel is built. Dies (STATUS_USAGE, STATUS_HARNESS) with one line.
 */
void upstream_get(struct upstream *upstream, const struct kernel *kernel, const char *source);
void upstream_free(struct upstream *upstream);

#endif
