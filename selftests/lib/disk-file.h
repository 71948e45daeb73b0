/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file whose pages are written back to a block device: in $TMPDIR or /var/tmp if that is on a disk,
 * else on a zram device with a small ext2 file system. Failures end the case.
 */
#ifndef SPTEST_LIB_DISK_FILE_H
#define SPTEST_LIB_DISK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For struct test.modules: the device, and its compression, which older kernels do not load by themselves. */
#define DISK_FILE_MODULES "lzo-rle", "zram"

bool disk_file_possible(char *why, size_t size);

struct disk_file {
	int fd;			/* through the page cache */
	int direct_fd;		/* past it */
	size_t pages;
};

/* All of its blocks are allocated and hold zeros on the device. Gone at the end of the case. */
void disk_file_create(struct disk_file *file, size_t pages);

/* Drops its clean pages from the page cache; none may be left. No process may have them mapped. */
void disk_file_evict(struct disk_file *file);

/* What the device holds, compared with the pattern: memory_check(), past the page cache. */
void disk_file_check(struct disk_file *file, const char *who, uint64_t key);
void disk_file_check_part(struct disk_file *file, const char *who, uint64_t key, size_t first, size_t count);

/* The first word of a page on the device. */
uint64_t disk_file_word(struct disk_file *file, size_t page);

#endif
