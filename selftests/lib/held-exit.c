// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/held-exit.h"
#include "lib/test.h"

#define DEADLINE_S 20

void exit_hold(pid_t pid)
{
	require(!ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT), "PTRACE_SEIZE: %s",
		strerror(errno));
}

static unsigned int count_threads(pid_t pid)
{
	unsigned int count = 0;
	struct dirent *entry;
	char path[32];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	require(dir, "%s: %s", path, strerror(errno));
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

void exit_wait_held(pid_t pid)
{
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();
	int status;

	require(waitpid(pid, &status, __WALL) == pid, "waitpid: %s", strerror(errno));
	require(WIFSTOPPED(status) && status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8),
		"the process did not stop at its exit, but with status %#x", status);
	while (count_threads(pid) > 1) {
		require(time(NULL) <= deadline, "%u threads of a killed process do not end",
			count_threads(pid) - 1);
		usleep(1000);
	}
}

int exit_let_go(pid_t pid)
{
	int status;

	require(!ptrace(PTRACE_DETACH, pid, NULL, NULL), "PTRACE_DETACH: %s", strerror(errno));
	require(waitpid(pid, &status, __WALL) == pid, "waitpid: %s", strerror(errno));
	return status;
}
