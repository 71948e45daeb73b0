/* SPDX-License-Identifier: GPL-2.0-only */
/* From what was seen of a test to its verdict. Pure: no clock, no file, no machine. */
#ifndef SPTEST_JUDGE_H
#define SPTEST_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "results/ktap.h"
#include "results/run.h"
#include "test-list.h"

enum ending {
	ENDING_EXIT,		/* its exit was reported */
	ENDING_TIMEOUT,		/* killed over its time, the machine alive */
	ENDING_HANG,		/* the machine fell silent */
	ENDING_GONE,		/* the machine went away */
};

struct evidence {
	enum ending ending;
	const char *detail;	/* of a timeout, hang or loss: one line */
	const struct test *test;
	struct ktap *ktap;
	const char *log;	/* its slice of the kernel log */
	const char *panic;	/* a panic's line, or NULL */
	int status;		/* of waitpid(), with ENDING_EXIT */
	uint64_t taint_before, taint_after;
};

/*
 * Fills test->verdict, reason, cases, witnesses, coverage, expected and fingerprint. Returns whether the
 * verdict is that of its cases and of nothing else: it ended by itself, its KTAP holds together, the
 * kernel stayed clean.
 */
bool judge(struct run_test *test, const struct evidence *evidence);

#endif
