// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/exit.h"
#include "lib/process.h"
#include "lib/test.h"

struct process process_start(void (*run)(void))
{
	pid_t parent = getpid();
	struct process p;

	fflush(stdout);
	p.pid = fork();
	require(p.pid >= 0, "fork: %s", strerror(errno));
	if (!p.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAIL);
		run();
		_exit(EXIT_PASS);
	}
	p.pidfd = syscall(SYS_pidfd_open, p.pid, 0);
	require(p.pidfd >= 0, "pidfd_open: %s", strerror(errno));
	return p;
}

int process_reap(struct process *p)
{
	int status = 0;

	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(p->pidfd);
	return status;
}

int process_wait(struct process *p, unsigned int seconds)
{
	struct pollfd poll_fd = { .fd = p->pidfd, .events = POLLIN };
	int n;

	do {
		n = poll(&poll_fd, 1, seconds * test_slowness() * 1000);
	} while (n < 0 && errno == EINTR);
	if (!n) {
		kill(p->pid, SIGKILL);
		return -ETIMEDOUT;
	}
	return process_reap(p);
}
