/* SPDX-License-Identifier: GPL-2.0-only */
/* DAMON (Documentation/admin-guide/mm/damon/usage.rst), watching memory of this process. Failures end the case. */
#ifndef SPTEST_LIB_DAMON_H
#define SPTEST_LIB_DAMON_H

#include <stddef.h>

#define DAMON_ADMIN "/sys/kernel/mm/damon/admin"

/* Nothing but these pages, by their virtual addresses. Skips the case where that cannot be had. */
void damon_watch(const void *memory, size_t pages);

/* Sampling begins; it has ended when damon_stop() returns. */
void damon_start(void);
void damon_stop(void);

#endif
