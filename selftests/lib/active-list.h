/* SPDX-License-Identifier: GPL-2.0-only */
/* The list of pages that reclaim leaves alone as long as it is short. */
#ifndef SPTEST_LIB_ACTIVE_LIST_H
#define SPTEST_LIB_ACTIVE_LIST_H

/*
 * Puts pages that are nobody's on the active list of this process's cgroup.
 *
 * Whether that list is to be shortened, 5.10 decides by statistics of which each CPU keeps up to 32 pages to itself
 * (MEMCG_CHARGE_BATCH): with no more than that on it, the list seems empty, and stays. With these in front of
 * them, the pages that a test wants away are the oldest of many.
 */
void active_list_fill(void);

#endif
