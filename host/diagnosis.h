/* SPDX-License-Identifier: GPL-2.0-only */
/* Who waits for what on a machine that does not get on: a page for people, made from what its kernel said. */
#ifndef SPTEST_DIAGNOSIS_H
#define SPTEST_DIAGNOSIS_H

/*
 * From a kernel log in which SysRq w ("Show Blocked State") or t ("Show State") was answered: tasks that wait or run by
 * their stacks, chains of who waits for whom, the circle or the lock without an owner, and the rules that were broken. The
 * caller's to free; NULL: the log has no answer, or no task that runs or waits uninterruptibly.
 */
char *diagnosis_page(const char *log);

#endif
