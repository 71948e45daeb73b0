// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/damon.h"
#include "lib/keeper.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/sysfile.h"

#define KDAMOND DAMON_ADMIN "/kdamonds/0/"
#define CONTEXT KDAMOND "contexts/0/"
#define REGION CONTEXT "targets/0/regions/0/"

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
	set(CONTEXT "monitoring_attrs/intervals/sample_us", 20000);
	set(CONTEXT "monitoring_attrs/intervals/update_us", 1000000);
	set(CONTEXT "monitoring_attrs/nr_regions/max", 100);
	set(CONTEXT "monitoring_attrs/nr_regions/min", 50);
}

void damon_watch(const void *memory, size_t pages)
{
	char operations[128];

	if (!sysfile_exists(DAMON_ADMIN "/kdamonds/nr_kdamonds"))
		skip_case("kernel without %s", DAMON_ADMIN);
	set(DAMON_ADMIN "/kdamonds/nr_kdamonds", 1);
	set(KDAMOND "contexts/nr_contexts", 1);
	if (sysfile_read(CONTEXT "avail_operations", operations, sizeof(operations)) < 0 ||
	    !strstr(operations, "fvaddr"))
		skip_case("DAMON of this kernel does not watch fixed virtual addresses");
	knob_set(CONTEXT "operations", "fvaddr");
	set_attributes();
	set(CONTEXT "targets/nr_targets", 1);
	set(CONTEXT "targets/0/pid_target", getpid());
	set(CONTEXT "targets/0/regions/nr_regions", 1);
	set(REGION "end", (uintptr_t)memory + pages * GUEST_PAGE);
	set(REGION "start", (uintptr_t)memory);
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
