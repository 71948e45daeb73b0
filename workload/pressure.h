/* SPDX-License-Identifier: GPL-2.0-only */
/* What the host does to its guests: swap, KSM, and a process that takes memory. */
#ifndef SPTEST_WORKLOAD_PRESSURE_H
#define SPTEST_WORKLOAD_PRESSURE_H

#include <sys/types.h>

#include "workload/plan.h"

struct pressure {
	pid_t memhog, repeater;		/* 0: none */
};

/* The first file of /proc or /sys that the plan writes to and this kernel has not, or NULL. */
const char *pressure_missing(const struct plan *plan);

/* Swap on zram, KSM and settings, as the plan has them. False with a line that says why. */
bool pressure_prepare(const struct plan *plan);

/* What takes memory, and what is written each second. */
void pressure_start(struct pressure *pressure, const struct plan *plan);
void pressure_stop(struct pressure *pressure);

/* /sys/kernel/mm/ksm/pages_sharing */
unsigned long pressure_merged(void);

#endif
