/* SPDX-License-Identifier: GPL-2.0-only */
/* How many references a page of the host kernel has: struct page, read in the kernel's memory. */
#ifndef SPTEST_LIB_PAGE_COUNT_H
#define SPTEST_LIB_PAGE_COUNT_H

#include <stdint.h>

/* NULL: it can be read; else why not, in one line. */
const char *page_count_missing(void);

/* Only if it can be read. Failures end the case. */
int32_t page_count_read(uint64_t pfn);

#endif
