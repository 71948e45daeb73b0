/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a VMM is made to do while its guest works: fork and exec (by ptrace), punch holes into the memory that the guest
 * frees (QEMU's free page reporting), delete a memslot and make it again (the guest's agent switches a BAR off and on).
 * The kernel tells how often it came to that.
 */
#ifndef SPTEST_WORKLOAD_VMM_H
#define SPTEST_WORKLOAD_VMM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "workload/guest.h"
#include "workload/plan.h"
#include "workload/probe.h"

struct vmm_count {
	atomic_bool stop;
	atomic_ulong forks;	/* whose child became another program, and that ended well */
	char why[80];		/* there are no more; empty: there are */
};

struct vmm {
	pid_t forker;			/* 0: none */
	struct vmm_count *count;	/* shared with it; NULL: none */
	struct probe told, holes, holes_told, updates;	/* forks as notifiers hear of them, holes, what they hear of these, memslots */
};

/* Whether the plan has any of it. */
bool vmm_wanted(const struct plan *plan);

/* As pressure_missing(). */
const char *vmm_missing(const struct plan *plan);

/* Of a guest that has come up. False with a line. */
bool vmm_start(struct vmm *vmm, const struct guest *guest, const struct plan *plan);

/* Nothing is done any more, but by the guest. */
void vmm_stop(struct vmm *vmm, const struct plan *plan);

/* After the guest's end, while its QEMU is there: it took place; lines with the figures. */
bool vmm_fine(const struct vmm *vmm, const struct guest *guest, const struct plan *plan);
void vmm_release(struct vmm *vmm);

#endif
