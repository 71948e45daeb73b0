/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_RUN_KTAP_H
#define SPTEST_RUN_KTAP_H

struct run;

/* The run as one KTAP text, a test each with its cases as subtests; the caller's to free. */
char *run_ktap(const struct run *run);

#endif
