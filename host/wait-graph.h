/* SPDX-License-Identifier: GPL-2.0-only */
/* Which task of a dump waits for which, through locks and for kswapd. */
#ifndef SPTEST_WAIT_GRAPH_H
#define SPTEST_WAIT_GRAPH_H

#include <stdbool.h>
#include <stdio.h>

#include "lock-wait.h"
#include "task-dump.h"

#define WAITS_FOR_NOBODY ((size_t)-1)

struct wait_edge {
	bool waits;
	struct lock_wait wait;
	size_t next;		/* a task that may hold it, or WAITS_FOR_NOBODY */
};

struct wait_graph {
	struct wait_edge *edges;	/* of the tasks of the dump, in their order */
	size_t count;
	bool cycle;
	bool all;		/* of the dump: "nobody holds it" is said only when all tasks are known */
};

void wait_graph_make(struct wait_graph *graph, const struct task_dump *dump);
void wait_graph_free(struct wait_graph *graph);

/* Whether somebody waits uninterruptibly for that lock ("": for any) that no task may hold. */
bool wait_graph_ownerless(const struct wait_graph *graph, const char *lock);

/* A chain for each task that waits, the circle, and locks without an owner. */
void wait_graph_print(const struct wait_graph *graph, const struct task_dump *dump, FILE *out);

#endif
