// SPDX-License-Identifier: GPL-2.0-only
#include "workload/sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/path.h"

static void take_vmstat(struct sample *sample)
{
	/* Totals of what several lines tell, by how the names begin. */
	const struct {
		const char *prefix;
		uint64_t *total;
	} wanted[] = {
		{ "pswpin ", &sample->swap_in }, { "pswpout ", &sample->swap_out },
		{ "pgscan_direct ", &sample->scanned }, { "pgscan_kswapd ", &sample->scanned },
		{ "workingset_refault_", &sample->refaulted }, { "oom_kill ", &sample->oom_kills },
		{ "pgfault ", &sample->faults }, { "pgmajfault ", &sample->major_faults },
	};
	char *text = file_read("/proc/vmstat", NULL), *rest = text, *line;

	while (text && (line = strsep(&rest, "\n"))) {
		const char *value = strchr(line, ' ');

		for (size_t i = 0; value && i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (!strncmp(line, wanted[i].prefix, strlen(wanted[i].prefix)))
				*wanted[i].total += strtoull(value, NULL, 10);
	}
	free(text);
}

/* All but idle and iowait of the first line, which is of all CPUs. */
static void take_busy(struct sample *sample)
{
	uint64_t user, nice, system, idle, iowait, irq, softirq, ticks;
	char *text = file_read("/proc/stat", NULL);

	if (text && sscanf(text, "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
			   " %" SCNu64, &user, &nice, &system, &idle, &iowait, &irq, &softirq) == 7) {
		ticks = user + nice + system + irq + softirq;
		sample->busy_ms = ticks * 1000 / sysconf(_SC_CLK_TCK);
	}
	free(text);
}

static uint64_t total_of(const char *text, const char *which)
{
	const char *line = strstr(text, which), *total = line ? strstr(line, "total=") : NULL;

	return total ? strtoull(total + strlen("total="), NULL, 10) : 0;
}

static void take_pressure(struct sample *sample)
{
	char *text = file_read("/proc/pressure/memory", NULL);

	sample->pressure = text && strstr(text, "total=");
	if (sample->pressure) {
		sample->some_us = total_of(text, "some ");
		sample->full_us = total_of(text, "full ");
	}
	free(text);
}

void sample_take(struct sample *sample)
{
	*sample = (struct sample){ .ms = clock_ms() };
	take_vmstat(sample);
	take_busy(sample);
	take_pressure(sample);
}
