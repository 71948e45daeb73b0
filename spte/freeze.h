/* SPDX-License-Identifier: GPL-2.0-only */
/* Stopping the process that owns a VM for a moment. */
#ifndef SPTEST_SPTE_FREEZE_H
#define SPTEST_SPTE_FREEZE_H

#include <stdbool.h>
#include <sys/types.h>

struct freeze {
	pid_t guard;	/* 0: the process was stopped already, and stays so */
	int lifeline;
};

/*
 * SIGSTOP, and waits until all threads stand still. A guard process sends SIGCONT at freeze_end(),
 * or when this process ends in whatever way. -errno; the process then runs on.
 */
int freeze_start(struct freeze *freeze, pid_t pid);
void freeze_end(struct freeze *freeze);

#endif
