/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_COLOUR_H
#define SPTEST_COLOUR_H

#include <stdbool.h>
#include <stdio.h>

/* Is it a terminal that can be written to anew and coloured? */
bool colour_terminal(FILE *out);

/* The same, and NO_COLOR (no-color.org) is not set. */
bool colour_wanted(FILE *out);

#endif
