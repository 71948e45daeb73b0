// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent.h"

#define MAX_OUTPUT 49152	/* of a job; what it prints first is dropped */

static pid_t start(const char *line, int *output)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		give_up("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		give_up("fork: %s", strerror(errno));
	if (!pid) {
		/* Who may poison memory gets a SIGBUS for it: stress-ng --madvise does if it can. */
		prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN);
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		execlp("sh", "sh", "-c", line, NULL);
		fprintf(stderr, "sh: %s\n", strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	*output = fds[0];
	return pid;
}

/* The end of what it prints. */
static void collect(int fd, char *text)
{
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, text + used, MAX_OUTPUT - used)) > 0) {
		used += n;
		if (used == MAX_OUTPUT) {
			used = MAX_OUTPUT / 2;
			memmove(text, text + used, used);
		}
	}
	text[used] = '\0';
	for (size_t i = 0; i < used; i++)	/* JSON takes only UTF-8 */
		if (text[i] & 0x80)
			text[i] = '?';
	close(fd);
}

void job_run(const char *line)
{
	char *text = malloc(MAX_OUTPUT + 1);
	int output, status = 0;
	pid_t pid;

	if (!text)
		give_up("no memory for a job");
	pid = start(line, &output);
	collect(output, text);
	waitpid(pid, &status, 0);
	say(json_pack("{s:s, s:s, s:i, s:i, s:s}", "event", "job", "job", line,
		      "status", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		      "signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0, "output", text));
	free(text);
}
