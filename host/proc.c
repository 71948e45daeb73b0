// SPDX-License-Identifier: GPL-2.0-only
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"

static void redirect(int fd, const char *path, int flags)
{
	int from = open(path, flags | O_CLOEXEC, 0666);

	if (from < 0 || dup2(from, fd) < 0)
		_exit(127);
}

static void child_set_up(pid_t parent, const struct proc_options *opt)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (opt && opt->own_group)
		setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)	/* sptest died before the prctl */
		_exit(127);
	redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
	if (opt && opt->log) {
		redirect(STDOUT_FILENO, opt->log, O_WRONLY | O_CREAT | O_APPEND);
		dup2(STDOUT_FILENO, STDERR_FILENO);
	}
	if (opt && opt->env_name)
		setenv(opt->env_name, opt->env_value, 1);
	if (opt && opt->dir && chdir(opt->dir))
		_exit(127);
}

static pid_t spawn(const char *const argv[], const struct proc_options *opt, int out)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (pid)
		return pid;
	child_set_up(parent, opt);
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		redirect(STDERR_FILENO, "/dev/null", O_WRONLY);
	}
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

pid_t proc_start(const char *const argv[], const struct proc_options *opt)
{
	return spawn(argv, opt, -1);
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int proc_run(const char *const argv[], const struct proc_options *opt)
{
	pid_t pid = proc_start(argv, opt);

	return pid < 0 ? pid : reap(pid);
}

char *proc_capture(const char *const argv[], const struct proc_options *opt)
{
	size_t used = 0, room = 4096;
	char *text;
	ssize_t n;
	pid_t pid;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return NULL;
	pid = spawn(argv, opt, fds[1]);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return NULL;
	}
	text = xrealloc(NULL, room);
	while ((n = read(fds[0], text + used, room - used - 1)) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		used += n > 0 ? n : 0;
		if (room - used < 2)
			text = xrealloc(text, room *= 2);
	}
	close(fds[0]);
	text[used] = '\0';
	if (reap(pid) == 0)
		return text;
	free(text);
	return NULL;
}

char *proc_find(const char *program)
{
	const char *path = getenv("PATH");
	char *dirs = xstrdup(path ? path : ""), *rest = dirs, *dir, *found = NULL;

	while (!found && (dir = strsep(&rest, ":"))) {
		found = xasprintf("%s/%s", dir, program);
		if (access(found, X_OK)) {
			free(found);
			found = NULL;
		}
	}
	free(dirs);
	return found;
}

bool proc_in_path(const char *program)
{
	char *path = proc_find(program);
	bool found = path;

	free(path);
	return found;
}
