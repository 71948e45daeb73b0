// SPDX-License-Identifier: GPL-2.0-only
#include "workload/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"

#define KEPT 1500	/* characters of what a job that failed printed last */

static void of_fio_direction(const json_t *job, const char *direction)
{
	const char *name = json_string_value(json_object_get(job, "jobname"));
	json_int_t ios;
	double iops, latency;

	if (json_unpack((json_t *)job, "{s:{s:I, s:F, s:{s:F}}}", direction, "total_ios", &ios, "iops",
			&iops, "lat_ns", "mean", &latency) || !ios)
		return;
	printf("# figure fio_%s_%s_iops %.1f\n", name, direction, iops);
	printf("# figure fio_%s_%s_latency_us %.1f\n", name, direction, latency / 1000);
}

/* What precedes the JSON are fio's notes. */
static void of_fio(const char *output)
{
	const char *start = strchr(output, '{');
	json_t *root = start ? json_loads(start, JSON_DISABLE_EOF_CHECK, NULL) : NULL, *job;
	size_t i;

	json_array_foreach(json_object_get(root, "jobs"), i, job) {
		of_fio_direction(job, "read");
		of_fio_direction(job, "write");
	}
	json_decref(root);
}

/* "stress-ng: metrc: [N] STRESSOR OPS REAL USER SYSTEM RATE RATE"; before 0.15 it is "info:". */
static void of_stress_ng(const char *output)
{
	char *copy = xstrdup(output), *rest = copy, *line, stressor[32];
	double ops, seconds;

	while ((line = strsep(&rest, "\n"))) {
		const char *end = strchr(line, ']');

		if (end && sscanf(end + 1, " %31s %lf %lf", stressor, &ops, &seconds) == 3 && seconds > 0)
			printf("# figure stress_%s_ops_per_s %.1f\n", stressor, ops / seconds);
	}
	free(copy);
}

static void print_end(const char *output)
{
	size_t size = strlen(output);
	char *copy = xstrdup(size > KEPT ? output + size - KEPT : output), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			printf("# | %.200s\n", line);
	free(copy);
}

bool figures_of_job(const json_t *job)
{
	const char *line, *output;
	int status, number;

	if (json_unpack((json_t *)job, "{s:s, s:i, s:i, s:s}", "job", &line, "status", &status, "signal",
			&number, "output", &output)) {
		printf("# a job of which the agent says too little\n");
		return false;
	}
	if (status) {
		printf("# %s: exit status %d, signal %d\n", line, status, number);
		print_end(output);
		return false;
	}
	if (!strncmp(line, "fio ", 4))
		of_fio(output);
	else
		of_stress_ng(output);
	return true;
}
