/* SPDX-License-Identifier: GPL-2.0-only */
/* A function in a process of its own, which dies with its parent. */
#ifndef SPTEST_LIB_PROCESS_H
#define SPTEST_LIB_PROCESS_H

#include <sys/types.h>

struct process {
	pid_t pid;
	int pidfd;
};

/* Exits with EXIT_PASS when the function returns. */
struct process process_start(void (*run)(void));

/*
 * Its wait status, or -ETIMEDOUT: it did not end within seconds (times test_slowness()) and was
 * killed, which it may be deaf to for now. Then process_reap() waits until it is gone.
 */
int process_wait(struct process *p, unsigned int seconds);
int process_reap(struct process *p);

#endif
