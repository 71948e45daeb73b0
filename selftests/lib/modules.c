// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/keeper.h"
#include "lib/modules.h"
#include "lib/sysfile.h"

extern char **environ;

/* A module is "a-b" to modprobe, and "a_b" under /sys/module. */
static void sysfs_path(char *path, size_t size, const char *name)
{
	char *p = path + snprintf(path, size, "/sys/module/");

	snprintf(p, path + size - p, "%s", name);
	for (; *p; p++)
		if (*p == '-')
			*p = '_';
}

/* A machine of sptest has what there is loaded already, and no folder. */
static bool any_installed(void)
{
	struct utsname names;
	char path[128];

	if (uname(&names))
		return false;
	snprintf(path, sizeof(path), "/lib/modules/%s", names.release);
	return sysfile_exists(path);
}

static void modprobe(const char *name)
{
	char *argv[] = { "modprobe", "-q", (char *)name, NULL };
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions))
		return;
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	posix_spawn_file_actions_destroy(&actions);
}

void module_want(const char *name)
{
	char path[128];

	sysfs_path(path, sizeof(path), name);
	if (sysfile_exists(path) || !any_installed())
		return;
	modprobe(name);
	/* Not loaded: no such module, or no such CPU. The needs say what that means. */
	if (sysfile_exists(path))
		keeper_add(UNDO_RMMOD, name, NULL);
}
