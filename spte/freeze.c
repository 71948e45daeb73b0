// SPDX-License-Identifier: GPL-2.0-only
#include "spte/freeze.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP_US 1000
#define STEPS 10000	/* ten seconds: a vCPU stops at once, a thread in disk sleep later */

static int send_signal(int pidfd, int signal)
{
	return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) ? -errno : 0;
}

/* The state stands behind the command, which may hold anything, also a ")". */
static bool thread_stands(pid_t pid, const char *thread)
{
	char path[300], text[512] = "";
	const char *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", pid, thread);
	f = fopen(path, "re");
	if (!f)
		return true;	/* has ended */
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] && strchr("TtZX", end[2]);
}

static bool all_stand(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	bool all = true;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && all && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			all = thread_stands(pid, entry->d_name);
	if (dir)
		closedir(dir);
	return all;
}

/* In a session of its own, so that Ctrl-C does not reach it; it ends when the lifeline does. */
static void guard(int pidfd, int lifeline)
{
	char byte;

	setsid();
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	while (read(lifeline, &byte, 1) < 0 && errno == EINTR)
		;
	send_signal(pidfd, SIGCONT);
	_exit(0);
}

static int start_guard(struct freeze *freeze, int pidfd)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	fflush(NULL);
	freeze->guard = fork();
	if (freeze->guard == 0) {
		close(ends[1]);
		guard(pidfd, ends[0]);
	}
	close(ends[0]);
	freeze->lifeline = ends[1];
	if (freeze->guard > 0)
		return 0;
	close(ends[1]);
	return -EAGAIN;
}

/* A VM's pid is that of a thread; signals that stop go to the process. */
static pid_t process_of(pid_t thread)
{
	char path[64], line[128];
	int pid = thread;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", thread);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %d", &pid) == 1)
			break;
	if (f)
		fclose(f);
	return pid;
}

int freeze_start(struct freeze *freeze, pid_t pid)
{
	int pidfd, err;

	*freeze = (struct freeze){ 0 };
	pid = process_of(pid);
	if (all_stand(pid))
		return 0;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return -errno;
	err = start_guard(freeze, pidfd);
	if (err) {
		close(pidfd);
		freeze->guard = 0;
		return err;
	}
	err = send_signal(pidfd, SIGSTOP);
	close(pidfd);
	for (int i = 0; !err && !all_stand(pid); i++) {
		if (i == STEPS)
			err = -ETIMEDOUT;
		usleep(STEP_US);
	}
	if (err)
		freeze_end(freeze);
	return err;
}

void freeze_end(struct freeze *freeze)
{
	if (!freeze->guard)
		return;
	close(freeze->lifeline);
	while (waitpid(freeze->guard, NULL, 0) < 0 && errno == EINTR)
		;
	freeze->guard = 0;
}
