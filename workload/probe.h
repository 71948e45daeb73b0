/* SPDX-License-Identifier: GPL-2.0-only */
/* How often the kernel came to a function: a kprobe event with a filter, in a tracefs instance of its own, never read. */
#ifndef SPTEST_WORKLOAD_PROBE_H
#define SPTEST_WORKLOAD_PROBE_H

#include <stdbool.h>

struct probe {
	char name[32];		/* empty: it counts nothing */
};

/* What a kernel lacks that cannot be probed, or NULL. Mounts tracefs if nobody did. */
const char *probe_missing(void);

/*
 * Counts from now on the calls of a function for which the filter holds; definition is that of the event, without
 * its name. The machine goes with its workload, and so does the probe. False with a line.
 */
bool probe_start(struct probe *probe, const char *name, const char *definition, const char *filter);

unsigned long probe_count(const struct probe *probe);

#endif
