// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "init.h"

#define MAX_WORDS 256

/* A job is an ordinary process: what init took for itself (mlockall() does not pass on) is undone. */
static void child_settle(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() == 1)
		write_file("/proc/self/oom_score_adj", "0");
	else
		prctl(PR_SET_PDEATHSIG, SIGKILL);	/* an agent that dies takes its test along */
}

static void job_begin(struct job *job, pid_t pid, int fd, const char *name, bool pty)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	*job = (struct job){
		.pid = pid, .fd = fd, .pty = pty,
		.started_ns = clock_ns(), .taint_before = kernel_taint(),
	};
	snprintf(job->name, sizeof(job->name), "%s", name);
}

/* Splits NUL-terminated strings into words; false if there are fewer than count. */
static bool take_words(char **at, const char *end, char *words[], uint32_t count)
{
	if (count >= MAX_WORDS)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		char *nul = memchr(*at, '\0', end - *at);

		if (!nul)
			return false;
		words[i] = *at;
		*at = nul + 1;
	}
	words[count] = NULL;
	return true;
}

int job_start(struct job *job, const struct channel_run *run, char *strings, size_t size)
{
	char *name[2], *argv[MAX_WORDS], *env[MAX_WORDS], *at = strings;
	int fds[2], null;
	pid_t pid;

	if (!take_words(&at, strings + size, name, 1) ||
	    !take_words(&at, strings + size, argv, run->argc) ||
	    !take_words(&at, strings + size, env, run->envc) || !run->argc)
		return -EINVAL;
	if (pipe(fds))
		return -errno;
	kernel_log("begin %s", name[0]);
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -EAGAIN;
	}
	if (pid == 0) {
		setsid();
		child_settle();
		null = open("/dev/null", O_RDONLY);
		dup2(null, STDIN_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		for (char **e = env; *e; e++)
			putenv(*e);
		execvp(argv[0], argv);
		dprintf(STDERR_FILENO, "# %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	job_begin(job, pid, fds[0], name[0], false);
	return 0;
}

int job_start_shell(struct job *job, const struct channel_window *window)
{
	struct winsize size = { .ws_row = window->rows, .ws_col = window->columns };
	int master;
	pid_t pid = forkpty(&master, NULL, NULL, &size);

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		child_settle();
		if (chdir("/"))
			_exit(127);
		execl("/bin/sh", "-sh", NULL);
		_exit(127);
	}
	job_begin(job, pid, master, "shell", true);
	return 0;
}

void job_resize(const struct job *job, const struct channel_window *window)
{
	struct winsize size = { .ws_row = window->rows, .ws_col = window->columns };

	if (job->pid && job->pty)
		ioctl(job->fd, TIOCSWINSZ, &size);
}

void job_kill(struct job *job, bool stacks)
{
	job->killed = true;
	if (stacks)
		kernel_sysrq("wtdm", 4);
	kill(-job->pid, SIGKILL);
}

int job_forward(struct job *job, int port)
{
	char buf[16384];
	ssize_t n = read(job->fd, buf, sizeof(buf));

	if (n > 0) {
		port_send(port, CHANNEL_OUTPUT, buf, n);
		return 1;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}
