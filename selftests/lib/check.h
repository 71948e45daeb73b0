/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a test speaks: diagnostics, expectations, skips. All of it may be called in any process and
 * thread of a case; the failures are counted in memory that they share.
 */
#ifndef SPTEST_LIB_CHECK_H
#define SPTEST_LIB_CHECK_H

#include <stdbool.h>
#include <stdnoreturn.h>

/* "# TEXT", one line, written at once. */
void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A false `ok` fails the case and says why, which is a printf() format and its arguments; the case goes on.
 * The value is ok. A macro, so that the arguments (errno) are those after `ok`.
 */
#define expect(ok, ...) ({ bool holds_ = (ok); if (!holds_) expect_failed(__VA_ARGS__); holds_; })

/* The same, but a false `ok` ends the process: the story makes no sense from there on. */
#define require(ok, ...) ((ok) ? (void)0 : fail(__VA_ARGS__))

noreturn void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void expect_failed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ends the case: not run, and why. Only while nothing has failed. */
noreturn void skip_case(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* For the library's main(): memory shared by the processes of a case. */
void check_init(void);
void check_begin(void);			/* before each case */
bool check_failed(void);
void check_quiet(bool quiet);		/* failures are counted, not printed: a probe */
const char *check_first_failure(void);	/* NULL: none since check_begin() */
const char *check_skip_reason(void);	/* NULL: was not skipped */

#endif
