/* SPDX-License-Identifier: GPL-2.0-only */
/* Exit statuses of a kselftest (tools/testing/selftests/kselftest.h). */
#ifndef SPTEST_LIB_EXIT_H
#define SPTEST_LIB_EXIT_H

enum {
	EXIT_PASS = 0,
	EXIT_FAIL = 1,
	EXIT_USAGE = 2,		/* a bad option: nothing was run */
	EXIT_SKIP = 4,
};

#endif
