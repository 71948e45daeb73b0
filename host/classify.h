/* SPDX-License-Identifier: GPL-2.0-only */
/* Does a test that failed always fail? */
#ifndef SPTEST_CLASSIFY_H
#define SPTEST_CLASSIFY_H

#include "supervisor.h"

/*
 * Runs each failed test of run (the first 20 of them) `times` again, on a fresh machine each time and with the seed that it
 * failed with, in the folder "again" below the test's own. Sets its again and failed_again, but leaves its verdict;
 * it stays without them if a machine does not start. options are those of the run. Returns STATUS_OK or
 * STATUS_INTERRUPTED, dies as supervise() does.
 */
int classify(const struct supervisor_options *options, unsigned int times, struct run *run);

#endif
