/* SPDX-License-Identifier: GPL-2.0-only */
/* Compressed files and Debian packages, read through libarchive. */
#ifndef SPTEST_ARCHIVE_H
#define SPTEST_ARCHIVE_H

#include <stddef.h>

/*
 * A whole file, decompressed if it is compressed (.xz, .zst, .gz, .lz4: found by content), with a
 * NUL after it, the caller's to free. NULL with errno set; *size may be NULL.
 */
char *archive_read_file(const char *path, size_t *size);

/*
 * Where a member of a package is to go: the path under `dest` (malloc'ed), or NULL for "not
 * needed". name has no leading "./".
 */
typedef char *(*archive_place)(const char *name);

/*
 * Unpacks the regular files of a .deb that `place` wants under dest, times and modes kept, owners
 * not. 0, or -errno with one line in error (what libarchive says).
 */
int archive_extract_deb(const char *deb, const char *dest, archive_place place, char error[200]);

#endif
