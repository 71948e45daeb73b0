/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest is paused and goes on; is saved, its QEMU destroyed, and restored by another; is migrated to another QEMU while it
 * works: in turns. After each step its memory has to be verified twice before the next.
 */
#ifndef SPTEST_WORKLOAD_CHURN_H
#define SPTEST_WORKLOAD_CHURN_H

#include <stdbool.h>
#include <stdint.h>

#include "workload/guest.h"
#include "workload/plan.h"

enum churn_step { CHURN_PAUSE, CHURN_SAVE, CHURN_MIGRATE, CHURN_STEPS };

struct churn {
	unsigned int done[CHURN_STEPS];	/* and verified */
	enum churn_step step;		/* the next, or the one to be verified */
	bool verifying;
	uint64_t rounds;		/* of verification, that have to be there */
	uint64_t next_ms;		/* none is begun before */
	char why[160];			/* it went wrong; empty: it did not */
};

/* Before it is told what to do: the guest has to work until all steps were seen, at least once. */
void churn_begin(const struct guest *guest);

/* What there is to do by now, in the guest's own time. A step takes as long as QEMU needs for it. */
void churn_tick(struct churn *churn, struct guest *guest, const struct plan *plan);

/* Each step was done and verified; lines with the figures. */
bool churn_fine(const struct churn *churn, const struct guest *guest);

#endif
