/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_UNIT_H
#define SPTEST_UNIT_H

/* cmocka.h wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Exit status of what() in a child, its stderr dropped: for code that may die(). */
static inline int status_of(void (*what)(const char *), const char *argument)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(99);
		what(argument);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
