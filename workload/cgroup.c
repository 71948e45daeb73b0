// SPDX-License-Identifier: GPL-2.0-only
#include "workload/cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/die.h"
#include "host/path.h"
#include "workload/settings.h"

#define ROOT "/sys/fs/cgroup"
#define CONTROLLERS ROOT "/cgroup.controllers"
#define GROUP ROOT "/guest"

const char *cgroup_missing(void)
{
	bool mounted = path_exists(CONTROLLERS) || !mount("cgroup2", ROOT, "cgroup2", 0, NULL);
	char *controllers = mounted ? file_read(CONTROLLERS, NULL) : NULL;
	bool memory = controllers && strstr(controllers, "memory");

	free(controllers);
	return memory ? NULL : "the memory controller of cgroup v2";
}

bool cgroup_prepare(int high_mib)
{
	char *high;
	bool fine;

	if (!setting_write(ROOT "/cgroup.subtree_control", "+memory"))
		return false;
	rmdir(GROUP);	/* with the counts of a workload before */
	if (mkdir(GROUP, 0700)) {
		printf("# " GROUP ": %s\n", strerror(errno));
		return false;
	}
	high = xasprintf("%dM", high_mib);
	fine = setting_write(GROUP "/memory.high", high);
	free(high);
	return fine;
}

bool cgroup_enter(void)
{
	return setting_write(GROUP "/cgroup.procs", "0");
}

unsigned long cgroup_high_events(void)
{
	char *text = file_read(GROUP "/memory.events", NULL), *line = text ? strstr(text, "high ") : NULL;
	unsigned long count = line ? strtoul(line + strlen("high "), NULL, 10) : 0;

	free(text);
	return count;
}
