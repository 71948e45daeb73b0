/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_LIB_CLOCK_H
#define SPTEST_LIB_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC, the clock of the recorded events, in microseconds. */
static inline uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

#endif
