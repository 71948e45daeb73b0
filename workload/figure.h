/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_WORKLOAD_FIGURE_H
#define SPTEST_WORKLOAD_FIGURE_H

#include <stdbool.h>
#include <stdio.h>

/* A value that was measured, as results/measured.h reads it. unit: one word; less: that is better. */
void figure(FILE *out, const char *name, double value, const char *unit, bool less);

#endif
