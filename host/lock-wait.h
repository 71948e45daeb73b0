/* SPDX-License-Identifier: GPL-2.0-only */
/* What a task waits for, and what it may hold, as its stack tells. */
#ifndef SPTEST_LOCK_WAIT_H
#define SPTEST_LOCK_WAIT_H

#include <stdbool.h>

enum lock_how { LOCK_READ, LOCK_WRITE, LOCK_ALONE };

struct lock_wait {
	char lock[80];		/* "i_mmap_rwsem of a file", else "what FUNCTION() takes"; "": no lock */
	enum lock_how how;
	const char *task;	/* how the names of the tasks begin that it waits for, or NULL */
};

/* False: it waits for neither lock nor task that would show. */
bool lock_wait_of(const char *stack, struct lock_wait *wait);

/* Whether it is one of those whose places are known. */
bool lock_is_known(const char *lock);

/* Whether a task that does not wait for the lock is where one may hold it; never one that is not known. */
bool lock_may_be_held(const char *stack, const char *lock);

const char *lock_how_text(enum lock_how how);

#endif
