/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel log as it comes over the serial console: kept whole, cut per test between markers. */
#ifndef SPTEST_CONSOLE_H
#define SPTEST_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct console {
	int fd;			/* non-blocking; -1: closed */
	FILE *log;		/* the whole of it */
	char line[4096];
	size_t used;
	char *slice;		/* since the last test was judged, or the first began; NUL-terminated */
	size_t slice_size, slice_room;
	bool begun, ended;	/* markers seen */
	bool between;		/* a test ran here before */
	char *panic;		/* the line of a panic, once seen */
	uint64_t oops_ms;	/* when the first oops since console_expect() was seen, or 0 */
	char *remark;		/* the last thing that init wrote into the log, or NULL */
	bool kmsg;		/* records of /dev/kmsg, not bytes of a terminal */
};

/* Takes fd over; log is a file to append to. Dies if that cannot be opened. */
void console_open(struct console *console, int fd, const char *log, bool kmsg);
void console_close(struct console *console);

/* Reads what there is. False at the end (machine gone). */
bool console_read(struct console *console);

/* A test starts: wait for "sptest: begin NAME" and "sptest: end NAME". */
void console_expect(struct console *console);

/*
 * The slice was judged: begin a new one. What comes now, before the next test, is counted to that one: a
 * splat that comes late must not be lost.
 */
void console_judged(struct console *console);

#endif
