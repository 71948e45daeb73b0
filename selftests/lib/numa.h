/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NUMA nodes, and moving the pages of this process between them. Failures end the case. For tests whose
 * needs say `.nodes = 2`.
 */
#ifndef SPTEST_LIB_NUMA_H
#define SPTEST_LIB_NUMA_H

#include <stddef.h>

/* How many nodes have memory, and the first two of them (-1: there is none). */
unsigned int numa_nodes(int node[2]);

/* On which node each page is; -ENOENT or another -errno of move_pages(2) if on none. */
void numa_where(const void *memory, size_t pages, int *node);

/* All of the pages are on that node, or the case fails; `what` names the step. */
void numa_expect(const void *memory, size_t pages, int node, const char *what);

/* New pages of that range come from that node only (mbind); those that are there stay. */
void numa_bind(void *memory, size_t pages, int node);

/*
 * The ways of user space to move pages to a node. Each is repeated while pages stay behind, which happens
 * when somebody else holds one for a moment; pages that never move fail the case. The second binds the
 * range as well, the third takes all that this process has on the node `from`.
 */
void numa_move_pages(void *memory, size_t pages, int node);
void numa_mbind(void *memory, size_t pages, int node);
void numa_migrate_pages(void *memory, size_t pages, int from, int node);

/* One call of move_pages(2), under a running guest: pages that could not be moved stay. */
void numa_move_racing(void *memory, size_t pages, int node);

#endif
