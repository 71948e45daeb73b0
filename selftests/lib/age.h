/* SPDX-License-Identifier: GPL-2.0-only */
/* Making the kernel look at accessed bits, by each of the ways that user space has. */
#ifndef SPTEST_LIB_AGE_H
#define SPTEST_LIB_AGE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Multi-generational LRU (lru_gen in debugfs): prepare switches it on and enters a cgroup of the
 * case's own, before the memory is allocated; each aging walks the page tables of that cgroup once.
 * Skips the case where there is none.
 */
void mglru_prepare(void);
void mglru_age(void);

/* Reclaims what is anonymous in that cgroup and was not in use at the last two agings, once each. */
void mglru_evict(void);

/*
 * Does its aging ask secondary MMUs? The change that made it so (1d4832becdc2) also made
 * lru_gen_look_around() return a value, which BTF tells.
 */
bool mglru_asks_secondary_mmus(void);

/* Back to active and inactive lists, where there is a choice. */
void mglru_off(void);

/* As stock kernels start: on where it asks secondary MMUs, off before that, nothing where there is none. */
void mglru_pin(void);

/*
 * Idle page tracking: marks the pages idle, which takes their accessed bits away; then asks which of
 * them still are. Skips the case where there is none.
 */
void idle_mark(const void *memory, size_t pages);
void idle_read(const void *memory, size_t pages, bool *idle);

#endif
