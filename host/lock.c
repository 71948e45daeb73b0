// SPDX-License-Identifier: GPL-2.0-only
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "die.h"
#include "path.h"

int lock_take(const char *name)
{
	char *dir = path_cache(name), *path = xasprintf("%s/lock", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	int ret;

	if (fd < 0)
		die(STATUS_HARNESS, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		goto out;
	note("waiting for another sptest that fills %s", dir);
	do
		ret = flock(fd, LOCK_EX);
	while (ret && errno == EINTR);
	if (ret)
		die(STATUS_HARNESS, "%s: %s", path, strerror(errno));
out:
	free(path);
	free(dir);
	return fd;
}

void lock_drop(int lock)
{
	close(lock);
}
