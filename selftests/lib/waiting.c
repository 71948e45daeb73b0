// SPDX-License-Identifier: GPL-2.0-only
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/waiting.h"
#include "lib/check.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define DEADLINE_S 10

/* The letter behind the name, which is in parentheses and may hold anything; 0: the thread is gone. */
static char state_of(const char *path)
{
	char text[256], *end;

	if (sysfile_read(path, text, sizeof(text)) < 0)
		return 0;
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : 0;
}

static unsigned int count(const char *states)
{
	unsigned int found = 0;
	glob_t threads;
	char state;

	require(!glob("/proc/self/task/*/stat", 0, NULL, &threads), "no /proc/self/task");
	for (size_t i = 0; i < threads.gl_pathc; i++) {
		if (atoi(threads.gl_pathv[i] + strlen("/proc/self/task/")) == gettid())
			continue;
		state = state_of(threads.gl_pathv[i]);
		found += state && strchr(states, state);
	}
	globfree(&threads);
	return found;
}

pid_t kernel_thread_find(const char *name)
{
	pid_t pid = 0;
	glob_t all;

	require(!glob("/proc/[0-9]*/comm", 0, NULL, &all), "no /proc");
	for (size_t i = 0; i < all.gl_pathc && !pid; i++) {
		char comm[32];

		if (sysfile_read(all.gl_pathv[i], comm, sizeof(comm)) < 0)
			continue;
		comm[strcspn(comm, "\n")] = '\0';
		if (!strcmp(comm, name))
			pid = atoi(all.gl_pathv[i] + strlen("/proc/"));
	}
	globfree(&all);
	return pid;
}

bool kernel_thread_waits(const char *name)
{
	pid_t pid = kernel_thread_find(name);
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();
	char path[40], state;

	if (!pid)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while ((state = state_of(path)) && state != 'S') {
		if (time(NULL) > deadline)
			return false;
		usleep(1000);
	}
	return true;
}

bool threads_wait(unsigned int threads, const char *states)
{
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();

	while (count(states) < threads) {
		if (time(NULL) > deadline)
			return false;
		usleep(1000);
	}
	return true;
}
