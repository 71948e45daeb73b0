/* SPDX-License-Identifier: GPL-2.0-only */
/* A zram block device of the test's own. */
#ifndef SPTEST_LIB_ZRAM_H
#define SPTEST_LIB_ZRAM_H

#include <stdbool.h>
#include <stddef.h>

bool zram_possible(char *why, size_t size);

/* Makes one; device gets its /dev path. Removed at the end of the case. Failures end the case. */
void zram_create(unsigned int mib, char *device, size_t size);

#endif
