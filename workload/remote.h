/* SPDX-License-Identifier: GPL-2.0-only */
/* System calls that another process is made to do, by the thread that gave it its id (ptrace(2)). */
#ifndef SPTEST_WORKLOAD_REMOTE_H
#define SPTEST_WORKLOAD_REMOTE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

struct remote {
	pid_t pid;
	struct user_regs_struct before;
	uint64_t signals;		/* that came meanwhile, a bit each, for remote_close() to send again */
};

/*
 * Stops the thread, which must be in a system call: where it waits a process does no harm. -EAGAIN: it is not, or the
 * process is being stopped by another.
 */
int remote_open(struct remote *remote, pid_t pid);

/* What the kernel answered there; or -errno of ptrace. */
int64_t remote_call(struct remote *remote, long number, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth);

/* The system call that was interrupted goes on. */
void remote_close(struct remote *remote);

/*
 * A child of it by fork(), without a signal at its end, becomes PROGRAM without arguments, and is waited for. Its status as
 * waitpid() has it, or -errno. `forked` is told whether there was one.
 */
int remote_spawn(struct remote *remote, const char *program, bool *forked);

#endif
