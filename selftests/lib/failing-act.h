/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Something that the host does to a guest's memory, done again and again: each time one allocation
 * further fails in the middle of it (fault-injection.h), until it needs no more of them. Failures end
 * the case.
 */
#ifndef SPTEST_LIB_FAILING_ACT_H
#define SPTEST_LIB_FAILING_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/events.h"
#include "lib/stage.h"

struct failing_act {
	const char *what;
	/* Before each attempt, with memory, and after it, whatever came of it; or NULL. Version as below. */
	void (*prepare)(unsigned int version);
	void (*undo)(unsigned int version);
	/* 0 or -errno; the guest's memory is of that version. A kernel thread that does it is `thread`. */
	int (*run)(unsigned int version);
	pid_t thread;				/* whose allocations fail; 0: the caller's */
	int other;				/* an error that it may give instead of ENOMEM, as EAGAIN */
	enum notify event, also;		/* why it invalidates memory; NOTIFY_NONE: it does not */
	enum notify prepared, undone;		/* the same of the other two; copies of pages go without saying */
	size_t first, count;			/* the pages that it may invalidate; count 0: all of the memslot */
	bool inside;	/* some allocations are made between start and end of an invalidation of guest memory */
	bool wide;	/* it may invalidate the others of the memslot, too */
	bool hides;	/* nobody can read these pages between the act and the undo */
	bool empties;	/* they may be empty after both; else they are as they were */
};

/*
 * Over the memslot of a stage that is set, all of which the guest can write before and after. After
 * each attempt what was begun is ended, and guest and owner read what was there, or find it empty where
 * the act says so; after the undo the guest writes all of it, and sptes map each page again.
 * At least one allocation must have failed, and the last attempt, in which none does, must succeed.
 * With `inside`, one must have failed while the kernel was between the start and the end of an invalidation.
 */
void failing_act_try(struct stage *s, const struct failing_act *act);

#endif
