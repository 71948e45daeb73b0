/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_JOB_FIGURES_H
#define SPTEST_WORKLOAD_JOB_FIGURES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Prints what a job measured: fio's JSON, or the metrics of stress-ng. False, with the end of what it printed, if it
 * did not end well: both exit with another status than 0 when data are not what they wrote.
 */
bool job_figures(const json_t *job, FILE *out);

#endif
