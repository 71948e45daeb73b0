// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/check.h"
#include "lib/knob.h"
#include "lib/numa-scan.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define SCHED "/proc/self/sched"
#define DEADLINE_S 20

/* How many times the kernel went over all memory of this process. */
static unsigned long count_scans(void)
{
	static const char key[] = "mm->numa_scan_seq";
	char *text = sysfile_load(SCHED, NULL), *at = text ? strstr(text, key) : NULL;
	unsigned long scans;

	if (!at || !strchr(at, ':'))
		skip_case("no %s in " SCHED ": kernel without scheduler debugging", key);
	scans = strtoul(strchr(at, ':') + 1, NULL, 10);
	free(text);
	return scans;
}

/*
 * It does so from the tick of the process's own CPU time (task_numa_work()), once that is old enough; then
 * all of it in one go, as it is less than the size of a scan.
 */
void numa_scan(void)
{
	const unsigned long before = count_scans();
	time_t deadline = time(NULL) + DEADLINE_S * test_slowness();

	knob_set(NUMA_BALANCING, "1");
	while (count_scans() == before)
		require(time(NULL) < deadline, "the kernel did not go over the memory in time");
	knob_set(NUMA_BALANCING, "0");
}
