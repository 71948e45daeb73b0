/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making the kernel replace small pages by a transparent huge page: by madvise() or by khugepaged.
 * Failures end the case.
 */
#ifndef SPTEST_LIB_COLLAPSE_H
#define SPTEST_LIB_COLLAPSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * thp_prepare(), the same for shared memory, and khugepaged takes whatever it may: memory that is not
 * there, swapped, or shared is no reason to leave a range alone.
 */
void collapse_prepare(void);

/* These pages, and no others, may become huge ones (MADV_HUGEPAGE). They stay what they are. */
void collapse_allow(void *memory, size_t pages);

/* MADV_COLLAPSE of whole huge pages; skips where there is none. */
void collapse_now(void *memory, size_t pages);

/* khugepaged goes over all memory of the machine that it may collapse, once at least. */
void khugepaged_scan(void);

#endif
