/* SPDX-License-Identifier: GPL-2.0-only */
/* Hugetlb pages of a case. Sizes are in pages of 4 KiB: 512 is 2 MiB. Failures end the case. */
#ifndef SPTEST_LIB_HUGETLB_H
#define SPTEST_LIB_HUGETLB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/events.h"

/* Does the kernel know pages of that size? */
bool hugetlb_possible(size_t size);

/*
 * So many pages that nobody uses. Those that had to be made go at the end of the case, which is
 * skipped if that cannot be.
 */
void hugetlb_reserve(size_t size, size_t count);

/* A memfd of `count` such pages, which have been reserved. */
int hugetlb_file(size_t size, size_t count);

/*
 * The first pfn of a page in the pool that begins where its size says, the lowest; a page of the given size, if
 * there are none larger. Fails the case if there is none.
 */
uint64_t hugetlb_find(size_t size);

/* What this kernel tells notifiers of hugetlb pages unmapped in other ways than by munmap(). */
enum notify hugetlb_unmap_event(void);

#endif
