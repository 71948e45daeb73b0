/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_VMM_FORK_H
#define SPTEST_WORKLOAD_VMM_FORK_H

#include "workload/vmm.h"

/* Where a VMM has its guest's memory. */
struct vmm_memory {
	unsigned long start, end;
};

/* Its largest mapping that can be written. */
bool vmm_memory_find(struct vmm_memory *memory, pid_t pid);

/* Until count->stop, or something is wrong (count->why). A process of its own, as QEMU's main thread stands still meanwhile. */
void vmm_fork_again_and_again(struct vmm_count *count, pid_t pid, const struct vmm_memory *memory);

#endif
