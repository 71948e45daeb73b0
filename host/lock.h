/* SPDX-License-Identifier: GPL-2.0-only */
/* One sptest at a time changes the cache. */
#ifndef SPTEST_LOCK_H
#define SPTEST_LOCK_H

/*
 * Waits for the lock of path_cache(name), with a note if somebody else has it. It ends with
 * lock_drop() or with the process. Dies (STATUS_HARNESS) if it cannot be made.
 */
int lock_take(const char *name);
void lock_drop(int lock);

#endif
