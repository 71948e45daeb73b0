/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_LIB_EXT2_H
#define SPTEST_LIB_EXT2_H

#include <stddef.h>

/*
 * Makes an empty ext2 file system (revision 0, one group, 4 KiB blocks) on a block device of that
 * size, at most 128 MiB; mke2fs is not everywhere where a test runs. 0 or -errno.
 */
int ext2_format(const char *device, size_t mib);

#endif
