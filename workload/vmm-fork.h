/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_VMM_FORK_H
#define SPTEST_WORKLOAD_VMM_FORK_H

#include "workload/memory.h"
#include "workload/vmm.h"

/* Until count->stop, or something is wrong (count->why). A process of its own, as QEMU's main thread stands still meanwhile. */
void vmm_fork_again_and_again(struct vmm_count *count, pid_t pid, const struct memory *memory);

#endif
