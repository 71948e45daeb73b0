/* SPDX-License-Identifier: GPL-2.0-only */
/* What a failed test left in its folder: the parts that tell why. */
#ifndef SPTEST_REPORT_LOG_H
#define SPTEST_REPORT_LOG_H

#include <stddef.h>

struct report;
struct report_test;

/* Of "STEP: page N has SPTE, expected SPTE", as the tests say it. */
struct report_violation {
	char *step, *page, *has, *expected;
};

struct report_log {
	char *timeline;		/* events with their times, a heading before each case's; or "" */
	char *kernel;		/* kernel log from the first splat on, or its end; or "" */
	struct report_violation *violations;
	size_t violation_count;
	char *script;		/* reproduce.sh, if it is there; or "" */
};

#define REPORT_LOG_BYTES 8192	/* of timeline and of kernel log at most, each */

/* Reads the test's folder; what is not there any more stays empty. */
void report_log_load(struct report_log *log, const struct report *report, const struct report_test *test);
void report_log_free(struct report_log *log);

#endif
