/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's same-page merging, made to run when a test says so. Failures end the case. */
#ifndef SPTEST_LIB_KSM_H
#define SPTEST_LIB_KSM_H

#include <stddef.h>

/* Stops ksmd and pins its settings; before any memory is registered. */
void ksm_prepare(void);

/*
 * Settings of KSM's trees, that can be changed only while nothing is merged, and so not while other
 * processes of the machine have their memory merged: all is unmerged before that, and before the old
 * value comes back.
 */
void ksm_set_tree(const char *name, const char *value);

/*
 * After that: ksmd does not rest between its batches, for memory that never holds still for long. What a test
 * has to hear of must be little, as nothing else bounds how often it is over the same pages.
 */
void ksm_hurry(void);

/* MADV_MERGEABLE */
void ksm_register(void *memory, size_t pages);

/* Lets ksmd go over all registered memory until it has merged what is equal, then stops it. */
void ksm_merge(void);

/* MADV_UNMERGEABLE: every merged page of the range gets a copy of its own. */
void ksm_unmerge(void *memory, size_t pages);

/* The same for all memory of all processes, by the switch in sysfs. */
void ksm_unmerge_all(void);

#endif
