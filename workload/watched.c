// SPDX-License-Identifier: GPL-2.0-only
#include "workload/watched.h"

#include <stdio.h>
#include <stdlib.h>

#include "guest-agent/agent.h"
#include "workload/collect.h"
#include "workload/figure.h"
#include "workload/job-figures.h"
#include "workload/pressure.h"

#define STALL_MS 12000ull	/* on hardware, for a guest alone, without a heartbeat */
#define REPORT_MS 10000ull

static void report(struct watched *watched)
{
	const struct sample *now = series_last(&watched->series);

	if (!now || now->ms - watched->reported < REPORT_MS)
		return;
	watched->reported = now->ms;
	printf("# progress %s: %.1f beats/s, jobs %zu, %s; host: swapped out %ju in %ju, merged %lu\n",
	       watched->guest.name, series_beats_per_second(&watched->series, REPORT_MS),
	       json_array_size(watched->guest.jobs), progress_name(watched->progress),
	       (uintmax_t)now->swap_out, (uintmax_t)now->swap_in, pressure_merged());
	fflush(stdout);
}

void watched_tick(struct watched *watched, const struct plan *plan, int ms)
{
	const struct detector detector = { STALL_MS * plan->slowness * plan->guests, BEAT_MS };
	struct guest *guest = &watched->guest;

	guest_listen(guest, ms);
	if (!guest->ready || guest->gone || guest->done)
		return;
	series_add(&watched->series, *guest->beats[0], *guest->beats[1]);
	watched->progress = series_judge(&watched->series, &detector);
	report(watched);
}

bool watched_gets_on(const struct watched *watched)
{
	return !watched->guest.gone && watched->progress <= PROGRESS_SLOW;
}

void watched_look(struct watched *watched, bool (*meanwhile)(void *arg), void *arg)
{
	look_at(&watched->live, watched->guest.pid, false, meanwhile, arg);
	if (meanwhile(arg))
		look_at(&watched->frozen, watched->guest.pid, true, meanwhile, arg);
	fflush(stdout);
}

bool watched_got_on(const struct watched *watched)
{
	const struct guest *guest = &watched->guest;

	if (guest->done && watched->progress <= PROGRESS_SLOW)
		return true;
	if (!guest->ready)
		printf("# %s: it did not come up\n", guest->name);
	else if (watched->progress > PROGRESS_SLOW)
		printf("# %s: %s: %s\n", guest->name, progress_name(watched->progress), progress_text(watched->progress));
	else
		printf("# %s: %s\n", guest->name, guest->why ? guest->why : "it is not through");
	return false;
}

bool watched_jobs_fine(const struct watched *watched, const struct plan *plan)
{
	const struct guest *guest = &watched->guest;
	size_t i, whole = json_array_size(plan->jobs);
	bool fine = json_array_size(guest->jobs) >= whole;
	json_t *job;

	if (!fine)
		printf("# %s: %zu of %zu jobs ended\n", guest->name, json_array_size(guest->jobs), whole);
	json_array_foreach(guest->jobs, i, job)
		fine = job_figures(job, stdout) && fine;
	return fine;
}

bool watched_pattern_fine(const struct watched *watched)
{
	const struct guest *guest = &watched->guest;
	const char *first = "";
	json_int_t pages = 0, rounds = 0, bad = 1;

	if (json_unpack(guest->pattern, "{s:I, s:I, s:I, s:s}", "pages", &pages, "rounds", &rounds,
			"bad", &bad, "first_bad", &first)) {
		printf("# %s: it said nothing of its memory\n", guest->name);
		return false;
	}
	figure(stdout, "pattern_rounds", rounds, "rounds", false);
	if (bad)
		printf("# %s: %lld pages were not as it left them; %s\n", guest->name, (long long)bad, first);
	return !bad && rounds > 0;
}

bool watched_looks_fine(const struct watched *watched, bool frozen)
{
	const struct looks *looks = frozen ? &watched->frozen : &watched->live;

	looks_print(looks, frozen ? "frozen" : "live", stdout);
	return looks->count && !looks->violations && !looks->errors;
}

void watched_collect(struct watched *watched)
{
	printf("# %s:\n", watched->guest.name);
	series_print_course(&watched->series, stdout);
	guest_print_log(&watched->guest);
	if (watched->guest.pid <= 0)
		return;
	collect_stacks(watched->guest.pid);
	guest_print_state(&watched->guest);
}

void watched_release(struct watched *watched)
{
	resize_release(&watched->resize);
	vmm_release(&watched->vmm);
	nodes_release(&watched->nodes);
	guest_stop(&watched->guest);
	series_free(&watched->series);
	looks_release(&watched->live);
	looks_release(&watched->frozen);
}
