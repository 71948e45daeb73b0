// SPDX-License-Identifier: GPL-2.0-only
#include "workload/figure.h"

/* 15 digits: every count that is exact as a double is so in print. */
void figure(FILE *out, const char *name, double value, const char *unit, bool less)
{
	fprintf(out, "# figure %s %.15g %s %s\n", name, value, unit, less ? "less" : "more");
}
