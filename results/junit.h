/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_JUNIT_H
#define SPTEST_JUNIT_H

struct run;

/* The run as JUnit XML, one testsuite a test, one testcase a case; the caller's to free. */
char *junit_xml(const struct run *run);

#endif
