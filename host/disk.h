/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_DISK_H
#define SPTEST_DISK_H

#include <stdint.h>

/* Bytes that a file, or a folder with all in it, takes on disk; 0 if it is not there. */
uint64_t disk_used(const char *path);

/* Bytes that this user may still write where path is, or will be made; 0 if it cannot be told. */
uint64_t disk_free(const char *path);

#endif
