// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/exit.h"
#include "lib/record.h"

#define SHOWN_MAX 20	/* a broken range would otherwise say the same for each of its pages */

struct check_state {
	atomic_uint failures;
	bool quiet;
	char first[200];
	char skip[256];
};

static struct check_state *state;

static void print_line(const char *prefix, const char *fmt, va_list ap)
{
	char line[1024];
	int n;

	n = snprintf(line, sizeof(line), "%s", prefix);
	n += vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	/* One write a line: several processes of a case share the stream. */
	fflush(stdout);
	if (write(STDOUT_FILENO, line, n) != n)
		_exit(EXIT_FAIL);
}

void diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_line("# ", fmt, ap);
	va_end(ap);
}

static void mark_failure(const char *fmt, va_list ap)
{
	char text[CALLER_SIZE];
	va_list copy;

	va_copy(copy, ap);
	vsnprintf(text, sizeof(text), fmt, copy);
	va_end(copy);
	record_mark(EVENT_FAILURE, text);
}

static void count_failure(const char *fmt, va_list ap)
{
	unsigned int n = atomic_fetch_add(&state->failures, 1);
	va_list copy;

	if (!n) {
		va_copy(copy, ap);
		vsnprintf(state->first, sizeof(state->first), fmt, copy);
		va_end(copy);
	}
	if (state->quiet)
		return;
	mark_failure(fmt, ap);
	if (n < SHOWN_MAX)
		print_line("# ", fmt, ap);
	else if (n == SHOWN_MAX)
		diag("further failures of this case are not shown");
}

void expect_failed(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	count_failure(fmt, ap);
	va_end(ap);
}

void fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	count_failure(fmt, ap);
	va_end(ap);
	_exit(EXIT_FAIL);
}

void skip_case(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(state->skip, sizeof(state->skip), fmt, ap);
	va_end(ap);
	_exit(EXIT_SKIP);
}

void check_init(void)
{
	state = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (state == MAP_FAILED) {
		perror("mmap of the memory shared by a case");
		exit(EXIT_FAIL);
	}
}

void check_begin(void)
{
	atomic_store(&state->failures, 0);
	state->skip[0] = '\0';
	state->first[0] = '\0';
}

void check_quiet(bool quiet)
{
	state->quiet = quiet;
}

const char *check_first_failure(void)
{
	return state->first[0] ? state->first : NULL;
}

bool check_failed(void)
{
	return atomic_load(&state->failures);
}

const char *check_skip_reason(void)
{
	return state->skip[0] ? state->skip : NULL;
}
