/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_DURATION_H
#define SPTEST_DURATION_H

#include <stdbool.h>

#define DURATION_MAX (365u * 86400)	/* seconds */

/* "90s", "10m", "2h", "3d": at least a second, at most a year. False: it is none. */
bool duration_parse(const char *text, unsigned int *seconds);

#endif
