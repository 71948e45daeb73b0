/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's memory on its way between two NUMA nodes: all of it away by migrate_pages(), back by move_pages(), again and
 * again, while NUMA balancing brings to the CPUs' node what they use.
 */
#ifndef SPTEST_WORKLOAD_NODES_H
#define SPTEST_WORKLOAD_NODES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "workload/guest.h"
#include "workload/plan.h"

struct nodes_count {
	atomic_ulong away, back;	/* pages of the guest that were on the other node before */
	atomic_ulong turns;		/* of both */
	char why[80];			/* there are no more; empty: there are */
};

struct nodes {
	pid_t mover;			/* 0: none */
	struct nodes_count *count;	/* shared with it; NULL: none */
	unsigned long balanced;		/* by the kernel, of the whole machine, before */
};

/* As pressure_missing(). */
const char *nodes_missing(const struct plan *plan);

/* Before guests start: NUMA balancing. False with a line. */
bool nodes_prepare(void);

/* Of a guest that has come up. False with a line. */
bool nodes_start(struct nodes *nodes, const struct guest *guest);
void nodes_stop(struct nodes *nodes);

/* After nodes_stop(): memory went both ways, and by NUMA balancing too; lines with the figures. */
bool nodes_fine(const struct nodes *nodes, const struct guest *guest);
void nodes_release(struct nodes *nodes);

#endif
