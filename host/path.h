/* SPDX-License-Identifier: GPL-2.0-only */
/* Where things are: cache, configuration, what was installed with sptest; and whole files. */
#ifndef SPTEST_PATH_H
#define SPTEST_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The build tree and an installation look alike to sptest: beside the executable lie libexec/ and
 * share/ (build tree), or ../libexec/sptest and ../share/sptest (installed). The result is the
 * caller's to free.
 */
char *path_libexec(const char *name);	/* programs: init, selftests/GROUP/NAME */
char *path_share(const char *name);	/* data: kernels/, splats */

/* Folders of the user, made when missing: $XDG_CACHE_HOME/sptest/NAME, $XDG_CONFIG_HOME/sptest/NAME. */
char *path_cache(const char *name);
char *path_config(const char *name);	/* not made */

int path_mkdirs(const char *dir);	/* like mkdir -p; -errno */
int path_remove_tree(const char *dir);	/* like rm -rf, crosses no symlink; -errno */
bool path_exists(const char *path);

/* A whole file, NUL-terminated, the caller's to free; NULL with errno set. *size may be NULL. */
char *file_read(const char *path, size_t *size);

/* Written beside and renamed: a reader sees the old or the new text, never half. -errno. */
int file_write(const char *path, const void *data, size_t size, mode_t mode);

#endif
