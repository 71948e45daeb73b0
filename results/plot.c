// SPDX-License-Identifier: GPL-2.0-only
#include "plot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/die.h"
#include "host/proc.h"
#include "text.h"

/*
 * Between single quotes gnuplot takes all as it is, but a quote, doubled or not, at their beginning; and a line break
 * would begin a command.
 */
static void put_quoted(FILE *f, const char *text)
{
	char *clean = text_clean(text);

	fputc('\'', f);
	for (const char *c = clean; *c; c++) {
		if (*c == '\'')
			fputs("’", f);
		else
			fputc(*c == '\n' || *c == '\t' || *c == '\r' ? ' ' : *c, f);
	}
	fputc('\'', f);
	free(clean);
}

static void put_points(FILE *f, const struct plot_line *line, size_t number)
{
	fprintf(f, "$line%zu << END\n", number);
	for (size_t i = 0; i < line->count; i++)
		fprintf(f, "%" PRId64 " %.17g %.17g %.17g\n", line->points[i].at, line->points[i].value,
			line->points[i].least, line->points[i].most);
	fputs("END\n", f);
}

static void put_script(FILE *f, const char *id, const char *unit, const struct plot_line *lines, size_t count)
{
	fprintf(f, "set terminal svg size 720,260 dynamic noenhanced name '%s' font 'sans-serif,12'\n"
		"set encoding utf8\nset xdata time\nset timefmt '%%s'\nset format x '%%m-%%d %%H:%%M'\nset xtics rotate by -30\n"
		"set yrange [0:*]\nset grid ytics\nset key outside right noenhanced\nset ylabel ", id);
	put_quoted(f, unit);
	fputc('\n', f);
	for (size_t i = 0; i < count; i++)
		put_points(f, &lines[i], i);
	for (size_t i = 0; i < count; i++) {
		fprintf(f, "%s$line%zu using 1:2:3:4 with yerrorlines pointtype 7 pointsize 0.5 title ",
			i ? ", " : "plot ", i);
		put_quoted(f, lines[i].title);
	}
	fputc('\n', f);
}

/* A page has one declaration already. */
static char *without_head(char *text)
{
	char *svg = text ? strstr(text, "<svg") : NULL;

	if (svg)
		memmove(text, svg, strlen(svg) + 1);
	else
		free(text);
	return svg ? text : NULL;
}

/* In memory only: nothing is left in a folder when sptest is killed. */
static char *run_gnuplot(int script)
{
	char *path = xasprintf("/proc/self/fd/%d", script);
	const char *argv[] = { "gnuplot", "--default-settings", path, NULL };
	char *text = proc_capture(argv, NULL);

	free(path);
	return text;
}

char *plot_svg(const char *id, const char *unit, const struct plot_line *lines, size_t count)
{
	char *text;
	FILE *f;
	int fd;

	if (!proc_in_path("gnuplot"))
		return NULL;
	fd = memfd_create("gnuplot", 0);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		die(STATUS_HARNESS, "no memory for a plot: %s", strerror(errno));
	put_script(f, id, unit, lines, count);
	text = fflush(f) ? NULL : run_gnuplot(fd);
	fclose(f);
	return without_head(text);
}
