/* SPDX-License-Identifier: GPL-2.0-only */
/* A memory cgroup (v2) of the case's own. */
#ifndef SPTEST_LIB_CGROUP_H
#define SPTEST_LIB_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Moves this process into a new cgroup with the memory controller: what it allocates from now on is
 * charged there. Skips the case where there is none. It goes away at the end of the case.
 */
void cgroup_enter(void);

/* Its path below the root of the hierarchy, with a leading slash. */
const char *cgroup_name(void);

/* Has that cgroup a file of this name? */
bool cgroup_has(const char *file);

/* Asks for so many bytes to be reclaimed from it (memory.reclaim, or memory.high for a moment); less
 * may be. */
void cgroup_reclaim(uint64_t bytes);

#endif
