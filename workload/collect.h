/* SPDX-License-Identifier: GPL-2.0-only */
/* What there is to see when a guest does not get on, before anything is killed. */
#ifndef SPTEST_WORKLOAD_COLLECT_H
#define SPTEST_WORKLOAD_COLLECT_H

#include <sys/types.h>

/* Prints the stacks of all tasks that run or wait uninterruptibly, and of all of process pid; equal ones once. */
void collect_stacks(pid_t pid);

/* Has the kernel list who waits, all tasks, held locks and memory, in its log: the runner makes a page of it. */
void collect_kernel(void);

#endif
