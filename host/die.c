// SPDX-License-Identifier: GPL-2.0-only
#include "die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int quiet;

static void say(const char *fmt, va_list ap)
{
	/* The heartbeat may stand on this line of the terminal. */
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	fputs("sptest: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

noreturn void die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	exit(status);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void note(const char *fmt, ...)
{
	va_list ap;

	if (quiet)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void note_quiet(int on)
{
	quiet = on;
}

static void *alive(void *p)
{
	if (!p)
		die(STATUS_HARNESS, "out of memory");
	return p;
}

char *xstrdup(const char *s)
{
	return alive(strdup(s));
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return alive(n < 0 ? NULL : s);
}

void *xrealloc(void *p, unsigned long size)
{
	return alive(realloc(p, size));
}

void *xzalloc(unsigned long size)
{
	return alive(calloc(1, size));
}
