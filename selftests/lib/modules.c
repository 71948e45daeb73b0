// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/keeper.h"
#include "lib/modules.h"
#include "lib/sysfile.h"

extern char **environ;

void module_want(const char *name)
{
	char *argv[] = { "modprobe", "-q", (char *)name, NULL };
	posix_spawn_file_actions_t actions;
	char path[128];
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (sysfile_exists(path) || posix_spawn_file_actions_init(&actions))
		return;
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (!posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ)) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		/* Not loaded: no such module, or no such CPU. The needs say what that means. */
		if (sysfile_exists(path))
			keeper_add(UNDO_RMMOD, name, NULL);
	}
	posix_spawn_file_actions_destroy(&actions);
}
