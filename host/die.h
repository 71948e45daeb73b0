/* SPDX-License-Identifier: GPL-2.0-only */
/* How sptest ends and how it speaks on stderr. */
#ifndef SPTEST_DIE_H
#define SPTEST_DIE_H

#include <stdnoreturn.h>

/* Exit statuses of every sub-command; docs/sptest.1.scd has the same table. */
enum {
	STATUS_OK = 0,		/* nothing failed */
	STATUS_FAILED = 1,	/* a test failed (fail, timeout, hang, panic, splat, lost) */
	STATUS_USAGE = 2,	/* bad input, or something that is needed is missing */
	STATUS_HARNESS = 3,	/* sptest itself could not go on: full disk, QEMU will not start */
	STATUS_SKIPPED = 4,	/* every test was skipped, or none was selected: nothing is proven */
	STATUS_INTERRUPTED = 130,
};

/* "sptest: MESSAGE" on stderr, then exit(status). One line: what, why, what to do. */
noreturn void die(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same without the exit. */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What goes on, on stderr; silent after note_quiet(true) (--json, completion). */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void note_quiet(int quiet);

/* strdup(), asprintf() and realloc() that die when memory runs out: a runner cannot go on then. */
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void *xrealloc(void *p, unsigned long size);
void *xzalloc(unsigned long size);

#endif
