/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_FIGURES_H
#define SPTEST_WORKLOAD_FIGURES_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Prints what a job measured: fio's JSON, or the metrics of stress-ng. False, with the end of what it printed, if it
 * did not end well: both exit with another status than 0 when data are not what they wrote.
 */
bool figures_of_job(const json_t *job);

#endif
