/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cases that take long, or that are a variation which costs more than it tells, are left to full runs:
 * --full, or SPTEST_FULL=1 in the environment.
 */
#ifndef SPTEST_LIB_FULL_H
#define SPTEST_LIB_FULL_H

#include <stdbool.h>

struct case_run;

/* Does the environment ask for a full run? */
bool full_wanted(void);

/* Why this is left to full runs: the reason of the test, of the case, of its backing. NULL: it is not. */
const char *full_reason(const struct case_run *run);

/* One diagnostic with the name of each case whose name matches the glob and that is left out. */
void full_report(const char *cases);

#endif
