// SPDX-License-Identifier: GPL-2.0-only
/*
 * The director of a workload, in the host machine: a test like others, whose plan the runner put beside it. It
 * starts the guest, presses the host, looks at the guest's sptes meanwhile, and says in KTAP what came of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "guest-agent/agent.h"
#include "host/clock.h"
#include "host/die.h"
#include "workload/cgroup.h"
#include "workload/collect.h"
#include "workload/figure.h"
#include "workload/guest.h"
#include "workload/job-figures.h"
#include "workload/look.h"
#include "workload/plan.h"
#include "workload/pressure.h"
#include "workload/series.h"

#define LISTEN_MS 500
#define LOOK_MS 4000ull		/* on hardware, from the end of a look to the next */
#define STALL_MS 12000ull	/* on hardware, without a heartbeat */
#define START_MS 60000ull	/* on hardware, until the agent is ready */
#define REPORT_MS 10000ull
#define EXIT_SKIP 4		/* KSFT_SKIP */

struct course {
	struct plan plan;
	struct guest guest;
	struct pressure pressure;
	struct series series;
	struct looks live, frozen;
	unsigned long merged;	/* at most */
	enum progress progress;
	uint64_t reported;
};

static unsigned int number, failed;

static void verdict(bool fine, const char *name)
{
	failed += !fine;
	printf("%sok %u %s\n", fine ? "" : "not ", ++number, name);
}

static void report(struct course *course)
{
	const struct sample *now = series_last(&course->series);

	if (!now || now->ms - course->reported < REPORT_MS)
		return;
	course->reported = now->ms;
	printf("# progress guest: %.1f beats/s, jobs %zu, %s; host: swapped out %ju in %ju, merged %lu\n",
	       series_beats_per_second(&course->series, REPORT_MS), json_array_size(course->guest.jobs),
	       progress_name(course->progress), (uintmax_t)now->swap_out, (uintmax_t)now->swap_in,
	       pressure_merged());
	fflush(stdout);
}

static void tick(struct course *course)
{
	const struct detector detector = { STALL_MS * course->plan.slowness, BEAT_MS };
	unsigned long merged;

	guest_listen(&course->guest, &course->plan, LISTEN_MS);
	merged = pressure_merged();
	if (merged > course->merged)
		course->merged = merged;
	if (!course->guest.ready || course->guest.gone || course->guest.done)
		return;
	series_add(&course->series, *course->guest.beats[0], *course->guest.beats[1]);
	course->progress = series_judge(&course->series, &detector);
	report(course);
}

static bool goes_on(const struct course *course)
{
	return !course->guest.gone && !course->guest.done && course->progress <= PROGRESS_SLOW;
}

static bool bring_up(struct course *course)
{
	const uint64_t limit = START_MS * course->plan.slowness, deadline = clock_ms() + limit;

	if (!pressure_prepare(&course->plan) || guest_start(&course->guest, &course->plan))
		return false;
	while (!course->guest.ready && !course->guest.gone && clock_ms() < deadline)
		tick(course);
	if (course->guest.ready)
		return true;
	if (course->guest.why)
		printf("# %s\n", course->guest.why);
	else
		printf("# its %s said nothing for %ju s\n", course->guest.booted ? "agent" : "kernel or init",
		       (uintmax_t)limit / 1000);
	return false;
}

/* The guest may be through while it is looked at, but must get on. */
static bool meanwhile(void *arg)
{
	struct course *course = arg;

	tick(course);
	return !course->guest.gone && course->progress <= PROGRESS_SLOW;
}

static void look(struct course *course)
{
	look_at(&course->live, course->guest.pid, false, meanwhile, course);
	if (meanwhile(course))
		look_at(&course->frozen, course->guest.pid, true, meanwhile, course);
	fflush(stdout);
}

/* Until the guest is through: looks all along, and one afterwards. */
static void watch(struct course *course)
{
	uint64_t looked = clock_ms();

	pressure_start(&course->pressure, &course->plan);
	while (goes_on(course)) {
		tick(course);
		if (clock_ms() - looked < LOOK_MS)
			continue;
		look(course);
		looked = clock_ms();
	}
	if (course->progress <= PROGRESS_SLOW && !course->guest.gone)
		look(course);
}

static bool jobs_fine(const struct course *course)
{
	size_t i, whole = json_array_size(course->plan.jobs);
	bool fine = json_array_size(course->guest.jobs) >= whole;
	json_t *job;

	if (!fine)
		printf("# %zu of %zu jobs ended\n", json_array_size(course->guest.jobs), whole);
	json_array_foreach(course->guest.jobs, i, job)
		fine = job_figures(job, stdout) && fine;
	return fine;
}

static bool pattern_fine(const struct course *course)
{
	const char *first = "";
	json_int_t pages = 0, rounds = 0, bad = 1;

	if (json_unpack(course->guest.pattern, "{s:I, s:I, s:I, s:s}", "pages", &pages, "rounds", &rounds,
			"bad", &bad, "first_bad", &first)) {
		printf("# the guest said nothing of its memory\n");
		return false;
	}
	figure(stdout, "pattern_rounds", rounds, "rounds", false);
	if (bad)
		printf("# %lld pages were not as the guest left them; %s\n", (long long)bad, first);
	return !bad && rounds > 0;
}

static bool got_on(const struct course *course, bool up)
{
	if (course->guest.done && course->progress <= PROGRESS_SLOW)
		return true;
	if (!up)
		printf("# it did not come up\n");
	else if (course->progress > PROGRESS_SLOW)
		printf("# %s: %s\n", progress_name(course->progress), progress_text(course->progress));
	else
		printf("# %s\n", course->guest.why ? course->guest.why : "it is not through");
	return false;
}

static bool looks_fine(const struct looks *looks, const char *word)
{
	looks_print(looks, word, stdout);
	return looks->count && !looks->violations && !looks->errors;
}

/* While everything is still as it is; after the results, which then stand whatever comes of this. */
static void collect(struct course *course)
{
	collect_kernel();
	guest_print_log();
	if (course->guest.pid <= 0)
		return;
	collect_stacks(course->guest.pid);
	guest_print_state(&course->guest);
}

static void judge_limit(void)
{
	unsigned long count = cgroup_high_events();

	figure(stdout, "limit_events", count, "times", false);
	verdict(count > 0, "the guest was held to its limit");
}

static void conclude(struct course *course)
{
	const struct sample *last = series_last(&course->series);

	verdict(jobs_fine(course), "the guest's jobs ended well, with their data as they were");
	verdict(pattern_fine(course), "the guest found in its memory what it wrote");
	verdict(looks_fine(&course->live, "live"), "its sptes map what its host's page table maps");
	verdict(looks_fine(&course->frozen, "frozen"), "so they do while it is stopped");
	series_print(&course->series, stdout);
	verdict(last && last->swap_out > 1000 && last->swap_in > 1000, "pages went to swap and came back");
	if (course->plan.high_mib)
		judge_limit();
	if (course->plan.ksm) {
		figure(stdout, "merged_at_most", course->merged, "pages", false);
		verdict(course->merged > 100, "pages were merged");
	}
}

static void run(struct course *course)
{
	bool up;

	/* What judges must not be swapped, nor be the one that is killed. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	printf("1..%d\n", 7 + !!course->plan.high_mib + !!course->plan.ksm);
	up = bring_up(course);
	verdict(up, "the guest came up");
	if (up)
		watch(course);
	verdict(got_on(course, up), "the guest got on");
	conclude(course);
	if (!course->guest.done)
		collect(course);
	pressure_stop(&course->pressure);
	guest_stop(&course->guest);
	series_free(&course->series);
	looks_release(&course->live);
	looks_release(&course->frozen);
}

int main(int argc, char **argv)
{
	struct course course = { 0 };
	const char *missing;

	(void)argc;
	setlinebuf(stdout);
	printf("KTAP version 1\n");
	if (!plan_load(&course.plan, argv[0])) {
		printf("Bail out! no plan: this program is started by sptest workload\n");
		return 1;
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
