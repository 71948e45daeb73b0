/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest at work, with all that is noted of it, and what came of it in the end. */
#ifndef SPTEST_WORKLOAD_WATCHED_H
#define SPTEST_WORKLOAD_WATCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "workload/detector.h"
#include "workload/guest.h"
#include "workload/look.h"
#include "workload/churn.h"
#include "workload/nodes.h"
#include "workload/plan.h"
#include "workload/resize.h"
#include "workload/series.h"
#include "workload/vmm.h"

struct watched {
	struct guest guest;
	struct series series;
	struct looks live, frozen;
	struct resize resize;
	struct vmm vmm;
	struct nodes nodes;
	struct churn churn;
	enum progress progress;
	uint64_t reported;
};

/* Takes what it says within ms milliseconds, and how it gets on. */
void watched_tick(struct watched *watched, const struct plan *plan, int ms);

/* It is there, and gets on. */
bool watched_gets_on(const struct watched *watched);

/* One look at its sptes, and one while it is stopped; meanwhile as of look_at(). */
void watched_look(struct watched *watched, bool (*meanwhile)(void *arg), void *arg);

/* What came of it, each with lines that say what was wrong, and figures. */
bool watched_got_on(const struct watched *watched);
bool watched_jobs_fine(const struct watched *watched, const struct plan *plan);
bool watched_pattern_fine(const struct watched *watched);
bool watched_looks_fine(const struct watched *watched, bool frozen);

/* What there is to see of one that is not through, while everything is still as it is. */
void watched_collect(struct watched *watched);

/* Ends it. */
void watched_release(struct watched *watched);

#endif
