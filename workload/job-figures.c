// SPDX-License-Identifier: GPL-2.0-only
#include "workload/job-figures.h"

#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "workload/figure.h"

#define KEPT 1500	/* characters of what a job that failed printed last */
#define NS_PER_US 1000

static void of_fio_value(FILE *out, const char *job, const char *direction, const char *what, double value,
			 const char *unit, bool less)
{
	char *name = xasprintf("fio_%s_%s_%s", job, direction, what);

	figure(out, name, value, unit, less);
	free(name);
}

static void of_fio_direction(const json_t *job, const char *direction, FILE *out)
{
	const char *name = json_string_value(json_object_get(job, "jobname"));
	json_int_t ios, bytes, slow = 0;
	double iops, latency;

	if (!name || json_unpack((json_t *)job, "{s:{s:I, s:F, s:I, s:{s:F}, s:{s?{s?I}}}}", direction,
				 "total_ios", &ios, "iops", &iops, "bw_bytes", &bytes, "lat_ns", "mean", &latency,
				 "clat_ns", "percentile", "99.000000", &slow) || !ios)
		return;
	of_fio_value(out, name, direction, "iops", iops, "1/s", false);
	of_fio_value(out, name, direction, "bytes", bytes, "B/s", false);
	of_fio_value(out, name, direction, "latency", latency / NS_PER_US, "us", true);
	if (slow)
		of_fio_value(out, name, direction, "latency_99", (double)slow / NS_PER_US, "us", true);
}

/* What precedes the JSON are fio's notes. */
static void of_fio(const char *output, FILE *out)
{
	const char *start = strchr(output, '{');
	json_t *root = start ? json_loads(start, JSON_DISABLE_EOF_CHECK, NULL) : NULL, *job;
	size_t i;

	json_array_foreach(json_object_get(root, "jobs"), i, job) {
		of_fio_direction(job, "read", out);
		of_fio_direction(job, "write", out);
	}
	json_decref(root);
}

static void of_stressor(FILE *out, const char *stressor, double ops, double per_s)
{
	char *name = xasprintf("stress_%s_bogo_ops", stressor), *rate = xasprintf("%s_per_s", name);

	figure(out, name, ops, "ops", false);
	figure(out, rate, per_s, "1/s", false);
	free(rate);
	free(name);
}

/* "stress-ng: metrc: [N] STRESSOR OPS REAL USER SYSTEM RATE RATE"; before 0.15 it is "info:". */
static void of_stress_ng(const char *output, FILE *out)
{
	char *copy = xstrdup(output), *rest = copy, *line, stressor[32];
	double ops, per_s;

	while ((line = strsep(&rest, "\n"))) {
		const char *end = strchr(line, ']');

		if (end && sscanf(end + 1, " %31s %lf %*f %*f %*f %lf", stressor, &ops, &per_s) == 3)
			of_stressor(out, stressor, ops, per_s);
	}
	free(copy);
}

/* fio says what went wrong before its JSON, of which nothing else matters then; others say it last. */
static void print_words(const char *output, bool fio, FILE *out)
{
	size_t size = fio ? strcspn(output, "{") : strlen(output), from = !fio && size > KEPT ? size - KEPT : 0;
	char *copy = xasprintf("%.*s", (int)(size - from), output + from), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			fprintf(out, "# | %.200s\n", line);
	free(copy);
}

/* The first line stands for the job where there is room for one only. */
static void explain(const char *job, int status, int number, const char *output, FILE *out)
{
	bool fio = !strncmp(job, "fio ", 4);
	char *end = number ? xasprintf("killed by signal %d (%s)", number, strsignal(number)) :
			     xasprintf("exit status %d", status);

	if (fio && *output && *output != '{')
		fprintf(out, "# %s: %.*s; job: %s\n", end, (int)strcspn(output, "\n"), output, job);
	else
		fprintf(out, "# %s; job: %s\n", end, job);
	print_words(output, fio, out);
	free(end);
}

bool job_figures(const json_t *job, FILE *out)
{
	const char *line, *output;
	int status, number;

	if (json_unpack((json_t *)job, "{s:s, s:i, s:i, s:s}", "job", &line, "status", &status, "signal",
			&number, "output", &output)) {
		fprintf(out, "# a job of which the agent says too little\n");
		return false;
	}
	if (status) {
		explain(line, status, number, output, out);
		return false;
	}
	if (!strncmp(line, "fio ", 4))
		of_fio(output, out);
	else
		of_stress_ng(output, out);
	return true;
}
