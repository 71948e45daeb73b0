/* SPDX-License-Identifier: GPL-2.0-only */
/* Other programs, run without a shell. */
#ifndef SPTEST_PROC_H
#define SPTEST_PROC_H

#include <stdbool.h>
#include <sys/types.h>

struct proc_options {
	const char *dir;		/* working folder, or NULL */
	const char *env_name, *env_value;	/* one variable more, or NULL */
	const char *log;		/* stdout and stderr go there (appended); NULL: inherited */
	bool own_group;			/* Ctrl-C at the terminal does not reach it */
};

/*
 * Starts argv[0] (looked up in PATH) with stdin from /dev/null; it is killed when sptest dies.
 * Returns its pid, or -errno.
 */
pid_t proc_start(const char *const argv[], const struct proc_options *opt);

/* Runs it to its end: exit status 0..255, 128 + signal, or -errno if it did not start. */
int proc_run(const char *const argv[], const struct proc_options *opt);

/* Its standard output, the caller's to free; NULL unless it exited with 0. stderr is dropped. */
char *proc_capture(const char *const argv[], const struct proc_options *opt);

/* The program of that name in PATH, the caller's to free, or NULL. */
char *proc_find(const char *program);
bool proc_in_path(const char *program);

#endif
