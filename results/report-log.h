/* SPDX-License-Identifier: GPL-2.0-only */
/* What a failed test said, taken apart, and what the kernel said meanwhile. */
#ifndef SPTEST_REPORT_LOG_H
#define SPTEST_REPORT_LOG_H

#include <stddef.h>

struct report;
struct report_test;

/* Of "STEP: page N has SPTE, expected SPTE", as the tests say it; the step may be empty. */
struct report_violation {
	char *step, *page, *has, *expected;
};

/* A case's reason: its lines in three heaps. */
struct report_story {
	char *message;		/* what is neither of the others; or "" */
	char *timeline;		/* "| TIME EVENT", the bar left out; or "" */
	struct report_violation *violations;
	size_t violation_count;
};

void report_story_make(struct report_story *story, const char *reason);
void report_story_free(struct report_story *story);

#define REPORT_LOG_BYTES 8192	/* of a kernel log at most */

/*
 * From the test's folder: its kernel log from the first splat on, or its end. "" if there is none any
 * more; the caller's to free.
 */
char *report_kernel_log(const struct report *report, const struct report_test *test);

/* Who waited for whom, if its machine was asked, or ""; the caller's to free. */
char *report_diagnosis(const struct report *report, const struct report_test *test);

/* Its reproduce.sh, if that is there, or ""; the caller's to free. */
char *report_script(const struct report *report, const struct report_test *test);

#endif
