/* SPDX-License-Identifier: GPL-2.0-only */
/* Pressures: files of share/pressures, each one more thing that the host does to the guest of a workload. */
#ifndef SPTEST_PRESSURE_H
#define SPTEST_PRESSURE_H

#include <jansson.h>

#include "workload.h"

/*
 * Adds those of the names, with commas between, to a workload: to its plan, and ".NAME" to its name. Dies (STATUS_USAGE)
 * on a name that is none, and on a file that makes no sense.
 */
void pressures_add(json_t *description, const char *names, const struct workload_scale *scale);

/* A line each. */
void pressures_print(void);

#endif
