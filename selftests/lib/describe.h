/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_LIB_DESCRIBE_H
#define SPTEST_LIB_DESCRIBE_H

/* The test as JSON on stdout (--describe); touches nothing. Returns the exit status. */
int describe_test(void);

#endif
