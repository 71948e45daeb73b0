/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_CLOCK_H
#define SPTEST_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in milliseconds. */
uint64_t clock_ms(void);

#endif
