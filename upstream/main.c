// SPDX-License-Identifier: GPL-2.0-only
/*
 * upstream-test NAME PROGRAM [ARGUMENT]...: a kselftest of the kernel as a test of sptest. It is judged by its exit
 * status, as the kernel's kselftest/runner.sh does; a defect is on while it runs, as with sptest's own tests.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/exit.h"
#include "lib/keeper.h"
#include "lib/knob.h"
#include "lib/modules.h"
#include "lib/mutant.h"
#include "upstream/words.h"

#define HUGE_PAGES "64"

static pid_t start(char **argv, int out)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(argv[0], argv);
	printf("%s: %s\n", argv[0], strerror(errno));
	fflush(stdout);
	_exit(127);
}

/* "| " keeps its lines from being taken for results of ours. */
static void pass_on(int in, struct words *words)
{
	FILE *stream = fdopen(in, "r");
	char *line = NULL;
	size_t size = 0;

	while (stream && getline(&line, &size, stream) > 0) {
		line[strcspn(line, "\n")] = '\0';
		printf("| %s\n", line);
		words_take(words, line);
	}
	free(line);
	if (stream)
		fclose(stream);
}

static int run(char **argv, struct words *words)
{
	int pipes[2], status;
	pid_t pid;

	if (pipe(pipes))
		return -errno;
	pid = start(argv, pipes[1]);
	close(pipes[1]);
	if (pid < 0)
		return -errno;
	pass_on(pipes[0], words);
	return waitpid(pid, &status, 0) == pid ? status : -errno;
}

static int report(const char *name, int status, const struct words *words)
{
	if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_PASS) {
		printf("ok 1 %s\n", name);
		return EXIT_PASS;
	}
	if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP) {
		printf("ok 1 %s # SKIP %s\n", name, words->last);
		return EXIT_SKIP;
	}
	if (status < 0)
		diag("it cannot be run: %s", strerror(-status));
	else if (WIFSIGNALED(status))
		diag("killed by signal %d: %s", WTERMSIG(status), words_failure(words));
	else
		diag("exit status %d: %s", WEXITSTATUS(status), words_failure(words));
	printf("not ok 1 %s\n", name);
	return EXIT_FAIL;
}

/* What they expect to find: KVM, and the hugetlb pages that the kernel's run_vmtests.sh reserves. */
static void prepare(void)
{
	module_want("kvm_amd");
	module_want("kvm_intel");
	knob_try("/proc/sys/vm/nr_hugepages", HUGE_PAGES);
}

int main(int argc, char **argv)
{
	struct words words = { 0 };
	int status;

	if (argc < 3) {
		fprintf(stderr, "Usage: %s NAME PROGRAM [ARGUMENT]...\n", argv[0]);
		return EXIT_USAGE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	keeper_start();
	prepare();
	if (!mutant_begin()) {
		keeper_stop();
		return EXIT_USAGE;
	}
	status = run(argv + 2, &words);
	printf("1..1\n");	/* only now, so that none of the output before it counts as a reason */
	status = report(argv[1], status, &words);
	mutant_report();
	keeper_stop();
	return status;
}
