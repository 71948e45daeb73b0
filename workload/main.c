// SPDX-License-Identifier: GPL-2.0-only
/*
 * The director of a workload, in the host machine or with --here on this one: a test like others, whose plan the runner
 * made. It starts the guest, presses the host, looks at the guest's sptes meanwhile, and says in KTAP what came of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/die.h"
#include "workload/carrier.h"
#include "workload/cgroup.h"
#include "workload/collect.h"
#include "workload/figure.h"
#include "workload/plan.h"
#include "workload/pressure.h"
#include "workload/vmm.h"
#include "workload/watched.h"

#define LISTEN_MS 500
#define LOOK_MS 4000ull		/* on hardware, from the end of a look to the next */
#define START_MS 60000ull	/* on hardware, until the agent is ready, a guest alone */
#define MERGED 100		/* of a guest alone, at least */
#define SHARED 1000		/* by each further guest, which is equal: its kernel and programs alone are more */
#define EXIT_SKIP 4		/* KSFT_SKIP */

struct course {
	struct plan plan;
	struct watched *guests, *looked_at;	/* plan.guests of them; the one of them, or NULL */
	struct pressure pressure;
	unsigned long merged;			/* at most */
};

#define for_each_guest(course, w) \
	for (struct watched *w = (course)->guests; w < (course)->guests + (course)->plan.guests; w++)

static unsigned int number, failed;

static void verdict(bool fine, const char *name)
{
	failed += !fine;
	printf("%sok %u %s\n", fine ? "" : "not ", ++number, name);
}

/* One that cannot be had. */
static void no_verdict(const char *name, const char *why)
{
	printf("ok %u %s # SKIP %s\n", ++number, name, why);
}

static void tick(struct course *course)
{
	unsigned long merged = pressure_merged();

	for_each_guest(course, w)
		watched_tick(w, &course->plan, LISTEN_MS / course->plan.guests);
	if (merged > course->merged)
		course->merged = merged;
}

static bool all(const struct course *course, bool (*has)(const struct watched *watched))
{
	for_each_guest(course, w)
		if (!has(w))
			return false;
	return true;
}

static bool booted(const struct watched *watched)
{
	return watched->guest.booted;
}

static bool ready(const struct watched *watched)
{
	return watched->guest.ready;
}

static bool done(const struct watched *watched)
{
	return watched->guest.done;
}

static void say_not_up(const struct guest *guest, uint64_t limit)
{
	if (guest->ready)
		return;
	if (guest->why)
		printf("# %s: %s\n", guest->name, guest->why);
	else
		printf("# %s: its %s said nothing for %ju s\n", guest->name, guest->booted ? "agent" : "kernel or init",
		       (uintmax_t)limit / 1000);
}

static bool start_all(struct course *course)
{
	unsigned int number = 0;

	if (!pressure_prepare(&course->plan) || !carrier_open(&course->plan))
		return false;
	for_each_guest(course, w)
		if (guest_start(&w->guest, &course->plan, ++number))
			return false;
	return true;
}

/* What they have to do they are told when all are there, so that they are at it at the same time. */
static bool bring_up(struct course *course)
{
	const uint64_t limit = START_MS * course->plan.slowness * course->plan.guests, deadline = clock_ms() + limit;
	bool ordered = false;

	if (!start_all(course))
		return false;
	while (!all(course, ready) && all(course, watched_gets_on) && clock_ms() < deadline) {
		tick(course);
		if (ordered || !all(course, booted))
			continue;
		for_each_guest(course, w) {
			if (course->plan.churn)
				churn_begin(&w->guest);
			guest_order(&w->guest, &course->plan);
		}
		ordered = true;
	}
	for_each_guest(course, w)
		say_not_up(&w->guest, limit);
	return all(course, ready);
}

/* A guest may be through while it is looked at, but must get on. */
static bool meanwhile(void *arg)
{
	struct course *course = arg;

	tick(course);
	return watched_gets_on(course->looked_at);
}

/* An emulated guest has no sptes. */
static bool has_sptes(const struct plan *plan)
{
	return !plan->here.image || plan->here.kvm;
}

static void look(struct course *course)
{
	if (!has_sptes(&course->plan))
		return;
	for_each_guest(course, w) {
		course->looked_at = w;
		if (watched_gets_on(w))
			watched_look(w, meanwhile, course);
	}
}

/* What is done to a guest by processes of their own. */
static bool press_guest(struct watched *watched, const struct plan *plan)
{
	if (resize_wanted(plan) && !resize_start(&watched->resize, &watched->guest, plan))
		return false;
	if (plan->numa && !nodes_start(&watched->nodes, &watched->guest))
		return false;
	return !vmm_wanted(plan) || vmm_start(&watched->vmm, &watched->guest, plan);
}

static void churn(struct course *course)
{
	if (course->plan.churn)
		for_each_guest(course, w)
			churn_tick(&w->churn, &w->guest, &course->plan);
}

/* Until the guests are through: looks all along, and one afterwards. */
static void watch(struct course *course)
{
	uint64_t looked = clock_ms();

	pressure_start(&course->pressure, &course->plan);
	for_each_guest(course, w)
		if (!press_guest(w, &course->plan))
			return;
	while (all(course, watched_gets_on) && !all(course, done)) {
		tick(course);
		churn(course);
		if (clock_ms() - looked < LOOK_MS)
			continue;
		look(course);
		looked = clock_ms();
	}
	for_each_guest(course, w) {
		resize_stop(&w->resize);
		vmm_stop(&w->vmm, &course->plan);
		nodes_stop(&w->nodes);
	}
	look(course);
}

/* After the results, which then stand whatever comes of this. */
static void collect(struct course *course)
{
	if (!course->plan.here.image)
		collect_kernel();
	for_each_guest(course, w)
		if (!w->guest.done)
			watched_collect(w);
}

static void judge_limit(void)
{
	unsigned long count = cgroup_high_events();

	figure(stdout, "limit_events", count, "times", false);
	verdict(count > 0, "the guest was held to its limit");
}

static void judge_resized(const struct course *course)
{
	bool fine = true;

	for_each_guest(course, w)
		fine = resize_fine(&w->resize, &w->guest) && fine;
	verdict(fine, "memory was taken from the guest and given to it");
}

static void judge_nodes(const struct course *course)
{
	bool fine = true;

	for_each_guest(course, w)
		fine = nodes_fine(&w->nodes, &w->guest) && fine;
	verdict(fine, "the guest's memory went from node to node");
}

static void judge_churn(const struct course *course)
{
	bool fine = true;

	for_each_guest(course, w)
		fine = churn_fine(&w->churn, &w->guest) && fine;
	verdict(fine, "the guest was paused, saved, restored and migrated, with its memory as it was");
}

static void judge_vmm(const struct course *course)
{
	bool fine = true;

	for_each_guest(course, w)
		fine = vmm_fine(&w->vmm, &w->guest, &course->plan) && fine;
	verdict(fine, "the guest's VMM did what it was made to do");
}

static void judge_merged(const struct course *course)
{
	unsigned long wanted = MERGED + SHARED * (course->plan.guests - 1);

	figure(stdout, "merged_at_most", course->merged, "pages", false);
	if (course->merged <= wanted)
		printf("# %lu pages were merged, more than %lu should be\n", course->merged, wanted);
	verdict(course->merged > wanted, "pages were merged");
}

static void judge_looks(const struct course *course, bool frozen, const char *name)
{
	bool fine = true;

	if (!has_sptes(&course->plan)) {
		no_verdict(name, "the guest is emulated");
		return;
	}
	for_each_guest(course, w)
		fine = watched_looks_fine(w, frozen) && fine;
	verdict(fine, name);
}

static void judge_swap(const struct series *series)
{
	const struct sample *last = series_last(series);

	verdict(last && last->swap_out > 1000 && last->swap_in > 1000, "pages went to swap and came back");
}

/* The machine's own figures are in the series of each guest. */
static void conclude(struct course *course)
{
	bool jobs = true, pattern = true;

	for_each_guest(course, w) {
		jobs = watched_jobs_fine(w, &course->plan) && jobs;
		pattern = watched_pattern_fine(w) && pattern;
	}
	verdict(jobs, "the guest's jobs ended well, with their data as they were");
	verdict(pattern, "the guest found in its memory what it wrote");
	judge_looks(course, false, "its sptes map what its host's page table maps");
	judge_looks(course, true, "so they do while it is stopped");
	series_print(&course->guests[0].series, stdout);
	if (course->plan.swap_mib)
		judge_swap(&course->guests[0].series);
	if (course->plan.high_mib)
		judge_limit();
	if (course->plan.ksm)
		judge_merged(course);
	if (resize_wanted(&course->plan))
		judge_resized(course);
	if (course->plan.numa)
		judge_nodes(course);
	if (course->plan.churn)
		judge_churn(course);
	if (vmm_wanted(&course->plan))
		judge_vmm(course);
}

static bool all_got_on(const struct course *course)
{
	bool fine = true;

	for_each_guest(course, w)
		fine = watched_got_on(w) && fine;
	return fine;
}

static void run(struct course *course)
{
	unsigned int named = 0;
	bool up;

	/* What judges must not be swapped, nor be the one that is killed. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	course->guests = calloc(course->plan.guests, sizeof(*course->guests));
	if (!course->guests)
		die(STATUS_HARNESS, "out of memory");
	for_each_guest(course, w)	/* for what is said of those that were never started */
		snprintf(w->guest.name, sizeof(w->guest.name), "guest %u", ++named);
	printf("1..%d\n", 6 + !!course->plan.swap_mib + !!course->plan.high_mib + !!course->plan.ksm + resize_wanted(&course->plan) +
	       !!course->plan.numa + !!course->plan.churn + vmm_wanted(&course->plan));
	up = bring_up(course);
	verdict(up, "the guest came up");
	if (up)
		watch(course);
	verdict(all_got_on(course), "the guest got on");
	conclude(course);
	if (!all(course, done))
		collect(course);
	pressure_stop(&course->pressure);
	for_each_guest(course, w)
		watched_release(w);
	carrier_close();
	free(course->guests);
}

int main(int argc, char **argv)
{
	struct course course = { 0 };
	const char *missing;

	(void)argc;
	setlinebuf(stdout);
	printf("KTAP version 1\n");
	if (!plan_load(&course.plan, argv) || chdir(course.plan.folder)) {
		printf("Bail out! no plan: this program is started by sptest workload\n");
		return 1;
	}
	if (course.plan.here.image && (course.plan.numa || course.plan.churn)) {
		printf("1..0 # SKIP --here moves no guest, from node to node or from QEMU to QEMU\n");
		plan_release(&course.plan);
		return EXIT_SKIP;
	}
	missing = pressure_missing(&course.plan);
	if (missing) {
		printf("1..0 # SKIP kernel without %s\n", missing);
		plan_release(&course.plan);
		return EXIT_SKIP;
	}
	run(&course);
	plan_release(&course.plan);
	return failed != 0;
}
