/* SPDX-License-Identifier: GPL-2.0-only */
/* Small files of /proc and /sys, whole. */
#ifndef SPTEST_LIB_SYSFILE_H
#define SPTEST_LIB_SYSFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text without its last newline. Returns its length, or -errno. */
int sysfile_read(const char *path, char *text, size_t size);
int sysfile_read_u64(const char *path, uint64_t *value);	/* 0 or -errno; any C notation */

/* A whole file of any size, NUL-terminated, the caller's to free; NULL with errno set. */
char *sysfile_load(const char *path, size_t *size);

/* One write() of the text; 0 or -errno. */
int sysfile_write(const char *path, const char *text);
int sysfile_append(const char *path, const char *text);

bool sysfile_exists(const char *path);

/* The number behind "KEY" at the start of a line ("MemAvailable:", "pgscan"); false: no such line. */
bool sysfile_key_u64(const char *path, const char *key, uint64_t *value);

#endif
