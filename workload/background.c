// SPDX-License-Identifier: GPL-2.0-only
#include "workload/background.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/clock.h"

#define DEATH_TRIES 400		/* 20 s: in a deadlock it cannot die */

bool background_start(pid_t *pid)
{
	fflush(stdout);
	*pid = fork();
	if (!*pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return !*pid;
}

void background_stop(pid_t *pid)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	if (*pid <= 0)
		return;
	kill(*pid, SIGKILL);
	for (int i = 0; i < DEATH_TRIES && waitpid(*pid, NULL, WNOHANG) == 0; i++)
		nanosleep(&pause, NULL);
	*pid = 0;
}

void background_end(pid_t *pid, uint64_t ms)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	const uint64_t deadline = clock_ms() + ms;

	while (*pid > 0 && clock_ms() < deadline) {
		if (waitpid(*pid, NULL, WNOHANG))
			*pid = 0;
		else
			nanosleep(&pause, NULL);
	}
	background_stop(pid);
}
