// SPDX-License-Identifier: GPL-2.0-only
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

static const char *exe_dir(void)
{
	static char dir[PATH_MAX];
	ssize_t n;

	if (dir[0])
		return dir;
	n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	if (n < 0)
		die(STATUS_HARNESS, "/proc/self/exe: %s", strerror(errno));
	dir[n] = '\0';
	*strrchr(dir, '/') = '\0';
	return dir;
}

static char *path_beside(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", exe_dir(), folder);
	char *full;

	if (!path_exists(path)) {
		free(path);
		path = xasprintf("%s/../%s/sptest", exe_dir(), folder);
	}
	full = xasprintf("%s/%s", path, name);
	free(path);
	return full;
}

char *path_libexec(const char *name)
{
	return path_beside("libexec", name);
}

char *path_share(const char *name)
{
	return path_beside("share", name);
}

/* XDG base directory specification: an unset, empty or relative value means the default. */
static char *path_xdg(const char *variable, const char *fallback, const char *name)
{
	const char *base = getenv(variable);
	const char *home = getenv("HOME");

	if (base && base[0] == '/')
		return xasprintf("%s/sptest%s%s", base, name[0] ? "/" : "", name);
	if (!home || home[0] != '/')
		die(STATUS_USAGE, "neither %s nor HOME is set: set one of them", variable);
	return xasprintf("%s/%s/sptest%s%s", home, fallback, name[0] ? "/" : "", name);
}

char *path_cache(const char *name)
{
	char *path = path_xdg("XDG_CACHE_HOME", ".cache", name);
	int err = path_mkdirs(path);

	if (err)
		die(STATUS_HARNESS, "%s: %s", path, strerror(-err));
	return path;
}

char *path_config(const char *name)
{
	return path_xdg("XDG_CONFIG_HOME", ".config", name);
}

int path_mkdirs(const char *dir)
{
	char *path = xstrdup(dir);
	int err = 0;

	for (char *p = path + 1;; p++) {
		bool last = *p == '\0';

		if (!last && *p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0777) && errno != EEXIST) {
			err = -errno;
			break;
		}
		if (last)
			break;
		*p = '/';
	}
	free(path);
	return err;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path) ? -errno : 0;
}

int path_remove_tree(const char *dir)
{
	int err;

	if (!path_exists(dir))
		return 0;
	err = nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return err == -1 ? -errno : err;
}

bool path_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

char *file_read(const char *path, size_t *size)
{
	char *data = NULL;
	size_t used = 0, room = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	do {
		if (used + 1 >= room) {
			room = room ? room * 2 : 4096;
			data = xrealloc(data, room);
		}
		n = read(fd, data + used, room - used - 1);
		if (n > 0)
			used += n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		int saved = errno;

		free(data);
		close(fd);
		errno = saved;
		return NULL;
	}
	close(fd);
	data[used] = '\0';
	if (size)
		*size = used;
	return data;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= n;
	}
	return 0;
}

int file_write(const char *path, const void *data, size_t size, mode_t mode)
{
	char *tmp = xasprintf("%s.tmp%d", path, getpid());
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int err;

	if (fd < 0) {
		err = -errno;
		goto out;
	}
	err = write_all(fd, data, size);
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(tmp, path))
		err = -errno;
	if (err)
		unlink(tmp);
out:
	free(tmp);
	return err;
}
