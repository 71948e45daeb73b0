// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/btf.h"
#include "lib/check.h"
#include "lib/damon.h"
#include "lib/keeper.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/sysfile.h"

#define KDAMOND DAMON_ADMIN "/kdamonds/0/"
#define CONTEXT KDAMOND "contexts/0/"
#define TARGET CONTEXT "targets/0/"
#define SCHEMES CONTEXT "schemes/"
#define FILTERS SCHEMES "0/ops_filters/"

#define SAMPLE_US 20000

static void set(const char *file, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", value);
	knob_set(file, text);
}

/* Some places at once, again and again: the guest does nothing meanwhile. */
static void set_attributes(void)
{
	set(CONTEXT "monitoring_attrs/intervals/aggr_us", 200000);
	set(CONTEXT "monitoring_attrs/intervals/sample_us", SAMPLE_US);
	set(CONTEXT "monitoring_attrs/intervals/update_us", 1000000);
	set(CONTEXT "monitoring_attrs/nr_regions/max", 100);
	set(CONTEXT "monitoring_attrs/nr_regions/min", 50);
}

/* One target, watched by those operations. */
static void make_context(const char *operations)
{
	char available[128], *rest = available, *word = NULL;

	if (!sysfile_exists(DAMON_ADMIN "/kdamonds/nr_kdamonds"))
		skip_case("kernel without %s", DAMON_ADMIN);
	set(DAMON_ADMIN "/kdamonds/nr_kdamonds", 1);
	set(KDAMOND "contexts/nr_contexts", 1);
	if (sysfile_read(CONTEXT "avail_operations", available, sizeof(available)) > 0)
		while ((word = strsep(&rest, " \n")) && strcmp(word, operations))
			;
	if (!word)
		skip_case("DAMON of this kernel does not know %s", operations);
	knob_set(CONTEXT "operations", operations);
	set_attributes();
	set(CONTEXT "targets/nr_targets", 1);
}

static void set_region(size_t i, uint64_t start, uint64_t end)
{
	char file[128];

	snprintf(file, sizeof(file), TARGET "regions/%zu/end", i);
	set(file, end);
	snprintf(file, sizeof(file), TARGET "regions/%zu/start", i);
	set(file, start);
}

void damon_watch(const void *memory, size_t pages)
{
	make_context("fvaddr");
	set(TARGET "pid_target", getpid());
	set(TARGET "regions/nr_regions", 1);
	set_region(0, (uintptr_t)memory, (uintptr_t)memory + pages * GUEST_PAGE);
}

void damon_watch_frames(const uint64_t *pfn, size_t count)
{
	make_context("paddr");
	set(TARGET "regions/nr_regions", count);
	for (size_t i = 0; i < count; i++)
		set_region(i, pfn[i] * GUEST_PAGE, (pfn[i] + 1) * GUEST_PAGE);
}

static void set_of_scheme(size_t i, const char *file, uint64_t value)
{
	char path[128];

	snprintf(path, sizeof(path), SCHEMES "%zu/%s", i, file);
	set(path, value);
}

/* Does nothing to regions that were found in use so often or more, in any number of samples. */
static void set_scheme(size_t i, uint64_t accesses_min)
{
	char path[128];

	snprintf(path, sizeof(path), SCHEMES "%zu/action", i);
	knob_set(path, "stat");
	set_of_scheme(i, "access_pattern/sz/max", ULONG_MAX);
	set_of_scheme(i, "access_pattern/nr_accesses/min", accesses_min);
	set_of_scheme(i, "access_pattern/nr_accesses/max", UINT_MAX);
	set_of_scheme(i, "access_pattern/age/max", UINT_MAX);
}

/* The walk that asks such filters (6.16 and later) has a function of its own. */
static bool filters_virtual_addresses(void)
{
	struct kernel_btf *btf = kernel_btf_open();
	const bool does = btf && btf_parameter(btf, "damos_va_stat_pmd_entry", "pmd") >= 0;

	kernel_btf_close(btf);
	return does;
}

void damon_filter_young(void)
{
	if (!filters_virtual_addresses())
		skip_case("DAMON of this kernel does not sort by age what it watches by virtual addresses");
	set(SCHEMES "nr_schemes", 1);
	set_scheme(0, 0);
	set(SCHEMES "0/apply_interval_us", SAMPLE_US);
	set(FILTERS "nr_filters", 1);
	knob_set(FILTERS "0/type", "young");
	knob_set(FILTERS "0/matching", "Y");
}

enum { JUDGED, USED, SCHEMES_COUNT };

void damon_count(void)
{
	set(SCHEMES "nr_schemes", SCHEMES_COUNT);
	set_scheme(JUDGED, 0);
	set_scheme(USED, 1);
}

static uint64_t read_tried(size_t scheme)
{
	uint64_t tried;
	char path[128];
	int err;

	snprintf(path, sizeof(path), SCHEMES "%zu/stats/nr_tried", scheme);
	err = sysfile_read_u64(path, &tried);
	require(!err, "%s: %s", path, strerror(-err));
	return tried;
}

struct damon_counts damon_counts(void)
{
	int err = sysfile_write(KDAMOND "state", "update_schemes_stats");

	require(!err, "DAMON does not tell its statistics: %s", strerror(-err));
	return (struct damon_counts){ .judged = read_tried(JUDGED), .used = read_tried(USED) };
}

/* Of the keeper's list: switching it off twice is an error. */
static unsigned int before_start;

void damon_start(void)
{
	before_start = keeper_mark();
	knob_set(KDAMOND "state", "on");
}

void damon_stop(void)
{
	char state[16];

	keeper_undo(before_start);
	require(sysfile_read(KDAMOND "state", state, sizeof(state)) > 0 && !strcmp(state, "off"),
		"DAMON does not stop");
}
