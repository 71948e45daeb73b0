/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a person sees while tests run: a line a verdict, failures and skips with their reason at once,
 * a heartbeat that says what runs and for how long, and the last block. On a terminal the heartbeat
 * is one line that is rewritten; elsewhere a line every 30 s. Colour only on a terminal, NO_COLOR
 * respected. Everything goes to stdout (to stderr with --json).
 */
#ifndef SPTEST_PROGRESS_H
#define SPTEST_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

struct run;
struct run_test;

void progress_init(FILE *out, bool verbose);

/* "what" goes on, e.g. "boot 6.12.117", "zap/munmap"; id tells several at once apart. */
void progress_begin(unsigned int id, const char *what);
void progress_end(unsigned int id);

/* Once a second or so: redraws the heartbeat. */
void progress_tick(size_t done, size_t total);

/* One verdict line, with reason and failed cases below; a line of any other text. */
void progress_verdict(const struct run_test *test);
void progress_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * The last block: every failure with its reproduce command, totals, what was reached; if verbose also
 * what was not.
 */
void progress_summary(const struct run *run);

#endif
