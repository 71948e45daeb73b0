/* SPDX-License-Identifier: GPL-2.0-only */
/* The PAGEMAP_SCAN ioctl of /proc/self/pagemap (since 6.7). Failures end the case. */
#ifndef SPTEST_LIB_PAGEMAP_SCAN_H
#define SPTEST_LIB_PAGEMAP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Which of these pages were written since they were protected last, of memory that is registered for
 * asynchronous write protection (uffd.h); `protect` protects them again, in the same go. Skips the case
 * where there is no such ioctl.
 */
void pagemap_scan_written(void *memory, size_t pages, bool protect, bool *written);

/*
 * Protects what was written, and tells nothing of it; by an open /proc/self/pagemap. 0 or -errno; nothing
 * but the ioctl is done.
 */
int pagemap_scan_protect(int pagemap, void *memory, size_t pages);

#endif
