// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/sysfile.h"
#include "lib/uprobe.h"

int uprobe_set(int file, uint64_t offset)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .config2 = offset };
	char path[64];
	uint64_t type;
	int fd, err;

	err = sysfile_read_u64(UPROBE_TYPE, &type);
	require(!err, UPROBE_TYPE ": %s", strerror(-err));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	attr.type = type;
	attr.config1 = (uintptr_t)path;
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	require(fd >= 0, "perf_event_open of a uprobe at %#lx: %s", offset, strerror(errno));
	return fd;
}
