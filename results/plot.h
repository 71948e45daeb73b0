/* SPDX-License-Identifier: GPL-2.0-only */
/* Values over time as SVG, drawn by gnuplot. */
#ifndef SPTEST_PLOT_H
#define SPTEST_PLOT_H

#include <stddef.h>
#include <stdint.h>

struct plot_point {
	int64_t at;		/* seconds since 1970 */
	double value, least, most;
};

struct plot_line {
	const char *title;
	const struct plot_point *points;
	size_t count;
};

/*
 * An <svg> element for a page that may hold several: `id` tells their parts from each other, letters and digits.
 * Titles may be any text. The caller's to free; NULL: there is no gnuplot, or it draws nothing.
 */
char *plot_svg(const char *id, const char *unit, const struct plot_line *lines, size_t count);

#endif
