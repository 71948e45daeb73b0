/* SPDX-License-Identifier: GPL-2.0-only */
/* The cgroup of QEMU, where the host limits what of a guest's memory is kept. */
#ifndef SPTEST_WORKLOAD_CGROUP_H
#define SPTEST_WORKLOAD_CGROUP_H

#include <stdbool.h>

/* What of the kernel it takes is not there; NULL: nothing. */
const char *cgroup_missing(void);

/* With memory.high at so many MiB. False with a line that says why. */
bool cgroup_prepare(int high_mib);

/* This process and what it becomes. */
bool cgroup_enter(void);

/* How often reclaim was called for since more than that was charged. */
unsigned long cgroup_high_events(void);

#endif
