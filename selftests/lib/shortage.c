// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/shortage.h"
#include "lib/sysfile.h"

#define GRACE_PERIODS 3

/* Open all the time, as opening one allocates memory. */
static int limit_fd, usage_fd;

static void set_limit(const char *text)
{
	require(pwrite(limit_fd, text, strlen(text), 0) > 0, "memory.max: %s", strerror(errno));
}

static uint64_t read_usage(void)
{
	char text[24] = "";

	require(pread(usage_fd, text, sizeof(text) - 1, 0) > 0, "memory.current: %s", strerror(errno));
	return strtoull(text, NULL, 10);
}

void shortage_prepare(void)
{
	int err = sysfile_write("/proc/self/oom_score_adj", "-1000");

	require(!err, "oom_score_adj: %s", strerror(-err));
	cgroup_enter();
	if (cgroup_has("memory.swap.max"))
		cgroup_set("memory.swap.max", "0");
	limit_fd = cgroup_open("memory.max", O_WRONLY);
	usage_fd = cgroup_open("memory.current", O_RDONLY);
	/* The first of each allocates what it needs. */
	set_limit("max");
	read_usage();
}

/* What was freed, but waits for a grace period of RCU as page tables do, would make room later. */
static uint64_t settled_usage(void)
{
	uint64_t usage, before;

	do {
		before = read_usage();
		for (int i = 0; i < GRACE_PERIODS; i++)
			syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
		usage = read_usage();
	} while (usage < before);
	return usage;
}

/* A limit of nothing first: it takes back what CPUs hold in advance (drain_all_stock()). */
void shortage_begin(size_t left)
{
	char text[24];

	set_limit("0");
	snprintf(text, sizeof(text), "%lu", settled_usage() + left);
	set_limit(text);
}

void shortage_end(void)
{
	set_limit("max");
}
