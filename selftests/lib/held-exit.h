/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that is being killed and cannot finish: its first thread stands still in do_exit(), before
 * it gives up its memory (PTRACE_EVENT_EXIT). Failures end the case.
 */
#ifndef SPTEST_LIB_HELD_EXIT_H
#define SPTEST_LIB_HELD_EXIT_H

#include <sys/types.h>

/* From now on its end, whatever brings it, stops there. By the thread that will wait for it. */
void exit_hold(pid_t pid);

/* Until it stands there and its other threads are gone. */
void exit_wait_held(pid_t pid);

/* Lets it go. Returns its wait status. */
int exit_let_go(pid_t pid);

#endif
