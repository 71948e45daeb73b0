/* SPDX-License-Identifier: GPL-2.0-only */
/* What one test on one kernel came to. */
#ifndef SPTEST_VERDICT_H
#define SPTEST_VERDICT_H

#include <stdbool.h>

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,		/* the test says so, or its KTAP does not hold together */
	VERDICT_SKIP,		/* a need is missing; the reason names it */
	VERDICT_TIMEOUT,	/* over its time while the machine was alive */
	VERDICT_HANG,		/* the machine fell silent */
	VERDICT_PANIC,		/* the host kernel panicked */
	VERDICT_SPLAT,		/* the test passed, the kernel log or the taint says otherwise */
	VERDICT_LOST,		/* never finished: the machine or sptest died */
	VERDICT_XFAIL,		/* failed, as a known bug of this kernel makes it */
	VERDICT_XPASS,		/* passed although that bug should make it fail */
	VERDICT_COUNT,
};

const char *verdict_name(enum verdict verdict);
/* VERDICT_COUNT for a name that is none. */
enum verdict verdict_from_name(const char *name);
/* Everything but pass, skip, xfail and xpass. */
bool verdict_is_failure(enum verdict verdict);

#endif
