/* SPDX-License-Identifier: GPL-2.0-only */
/* What must not happen between reclaim, notifiers and page faults, and how it shows in stacks when it did. */
#ifndef SPTEST_DEADLOCK_RULES_H
#define SPTEST_DEADLOCK_RULES_H

#include <stdbool.h>
#include <stddef.h>

struct deadlock_rule {
	const char *states;	/* of the task: "D", "RS"; NULL: of no single task */
	const char *pattern;	/* extended, of its stack "inner < outer" */
	const char *lock;	/* that has waiters and no owner; "": any; NULL: that is no condition */
	bool cycle;		/* tasks wait for each other in a circle */
	const char *text;	/* a paragraph */
};

extern const struct deadlock_rule deadlock_rules[];
extern const size_t deadlock_rule_count;

#endif
