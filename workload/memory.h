/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_MEMORY_H
#define SPTEST_WORKLOAD_MEMORY_H

#include <stdbool.h>
#include <sys/types.h>

/* Where a VMM has its guest's memory. */
struct memory {
	unsigned long start, end;
};

/* The largest mapping of the process that can be written. */
bool memory_find(struct memory *memory, pid_t pid);

#endif
