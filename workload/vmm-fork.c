// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU spares its children the guest's memory (MADV_DONTFORK in softmmu/physmem.c), other VMMs do not: here that is taken
 * back first, so that a fork copies its page tables and write-protects every page that a vCPU may write to.
 */
#include "workload/vmm-fork.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "workload/remote.h"

#define PROGRAM "/bin/true"	/* of the disk that is QEMU's root */
#define REST_MS 1500
#define AGAIN_MS 50

static void rest(unsigned int ms)
{
	const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l };

	nanosleep(&pause, NULL);
}

static void give_why(struct vmm_count *count, const char *what, int err)
{
	snprintf(count->why, sizeof(count->why), "%s: %s", what, strerror(-err));
}

/* One that finds no memory may find some the next time. */
static void fork_once(struct vmm_count *count, struct remote *remote)
{
	bool forked;
	const int status = remote_spawn(remote, PROGRAM, &forked);

	if (!forked)
		give_why(count, "fork", status);
	else if (status < 0)
		give_why(count, "exec of " PROGRAM, status);
	else if (status)
		snprintf(count->why, sizeof(count->why), PROGRAM " ended with %#x, as waitpid() has it", status);
	else
		count->forks++;
}

static bool let_inherit(struct vmm_count *count, struct remote *remote, const struct memory *memory)
{
	const int err = remote_call(remote, SYS_madvise, memory->start, memory->end - memory->start, MADV_DOFORK, 0);

	if (err)
		give_why(count, "MADV_DOFORK", err);
	return !err;
}

void vmm_fork_again_and_again(struct vmm_count *count, pid_t pid, const struct memory *memory)
{
	struct remote remote;
	bool inherited = false;
	int err;

	while (!count->stop) {
		err = remote_open(&remote, pid);
		if (err && err != -EAGAIN) {
			give_why(count, "ptrace", err);
			return;
		}
		if (!err) {
			inherited = inherited || let_inherit(count, &remote, memory);
			if (inherited)
				fork_once(count, &remote);
			remote_close(&remote);
		}
		rest(err ? AGAIN_MS : REST_MS);
	}
}
