/* SPDX-License-Identifier: GPL-2.0-only */
/* A memory cgroup (v2) of the case's own. */
#ifndef SPTEST_LIB_CGROUP_H
#define SPTEST_LIB_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Makes a cgroup with the memory controller, which goes away at the end of the case; skips the case
 * where there is none. Peers that are started after that may join, this process too: what a process
 * allocates from then on is charged there.
 */
void cgroup_create(void);
void cgroup_join(void);

/* Both. */
void cgroup_enter(void);

/* Its path below the root of the hierarchy, with a leading slash. */
const char *cgroup_name(void);

/* Has that cgroup a file of this name? */
bool cgroup_has(const char *file);

/* Its files: memory.max and the like. A number, or the number behind a word ("oom_kill "). */
void cgroup_set(const char *file, const char *value);
void cgroup_set_bytes(const char *file, uint64_t bytes);
uint64_t cgroup_get(const char *file, const char *key);

/* One of them, opened; the file descriptor is the caller's. */
int cgroup_open(const char *file, int flags);

/* Asks for so many bytes to be reclaimed from it (memory.reclaim, or memory.high for a moment); less
 * may be. */
void cgroup_reclaim(uint64_t bytes);

#endif
