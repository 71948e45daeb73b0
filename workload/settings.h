/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of /proc and /sys that a pressure writes to: a JSON array of pairs of path and text; NULL: none. */
#ifndef SPTEST_WORKLOAD_SETTINGS_H
#define SPTEST_WORKLOAD_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>

/* The first of these files that this kernel has not, or NULL. */
const char *settings_missing(json_t *settings);

/* False with a line. */
bool setting_write(const char *path, const char *text);

/* In their order; a line for each that could not be written. */
bool settings_write(json_t *settings);

#endif
