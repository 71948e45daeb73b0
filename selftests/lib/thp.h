/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of transparent huge pages of 2 MiB. Failures end the case. */
#ifndef SPTEST_LIB_THP_H
#define SPTEST_LIB_THP_H

#include <stdbool.h>
#include <stddef.h>

#define THP_PAGES 512UL	/* of 4 KiB in a huge page */
#define THP_KNOBS "/sys/kernel/mm/transparent_hugepage/"

/* Huge pages where madvise() asks for them and nowhere else; khugepaged does nothing meanwhile. */
void thp_prepare(void);

/*
 * memory_alloc() of whole huge pages, with MADV_HUGEPAGE after thp_prepare(). Not populated: who touches
 * it first gets a huge page, if there is one.
 */
void *thp_alloc(size_t pages);

/* The same of a memfd, MAP_SHARED. */
void *thp_alloc_shared(size_t pages);

/* The same of a memfd of the caller. */
void *thp_map_file(int fd, size_t pages);

/* How many of these pages, of one VMA, the process has mapped by huge ptes (smaps). */
size_t thp_count(const void *memory);

/* Whether the kernel may make huge pages of that VMA, by what memory it is and by the settings (smaps). */
bool thp_eligible(const void *memory);

/* Has all large folios among these pages of the process split into small ones; they are mapped afterwards. */
#define THP_SPLIT "/sys/kernel/debug/split_huge_pages"	/* a need of who calls it */
void thp_split(const void *memory, size_t pages);

#endif
