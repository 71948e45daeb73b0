// SPDX-License-Identifier: GPL-2.0-only
#include "workload/churn.h"

#include <stdio.h>
#include <stdlib.h>

#include "guest-agent/agent.h"
#include "host/clock.h"
#include "host/die.h"
#include "workload/carrier.h"
#include "workload/figure.h"

#define VERIFIED 2	/* rounds more: the second began after the step */
#define REST_MS 6000ull	/* on hardware, once each step was seen: the guest has to get on with its jobs */

static const char *const steps[] = { "paused", "saved_and_restored", "migrated" };

void churn_begin(const struct guest *guest)
{
	guest->beats[0][BEAT_WANTED] = 1;
}

/* After the last, or a failure, the guest may end. */
static void end(const struct churn *churn, const struct guest *guest)
{
	bool all = true;

	for (int i = 0; i < CHURN_STEPS; i++)
		all = all && churn->done[i];
	if (all || *churn->why)
		guest->beats[0][BEAT_WANTED] = 0;
}

static int take_step(enum churn_step step, struct guest *guest, const struct plan *plan, char *why, size_t size)
{
	switch (step) {
	case CHURN_PAUSE:
		return carrier_pause(guest, plan, why, size);
	case CHURN_SAVE:
		return carrier_move(guest, plan, true, why, size);
	default:
		return carrier_move(guest, plan, false, why, size);
	}
}

void churn_tick(struct churn *churn, struct guest *guest, const struct plan *plan)
{
	volatile uint64_t *page = guest->beats[0];

	if (*churn->why || guest->done || guest->gone || !page[BEAT_ROUNDS])
		return;
	if (churn->verifying && page[BEAT_BAD]) {
		snprintf(churn->why, sizeof(churn->why), "after it was %s: its memory is not as it left it", steps[churn->step]);
	} else if (churn->verifying && page[BEAT_ROUNDS] >= churn->rounds) {
		churn->done[churn->step]++;
		churn->step = (churn->step + 1) % CHURN_STEPS;
		if (!churn->step)
			churn->next_ms = clock_ms() + REST_MS * plan->slowness;
		churn->verifying = false;
	} else if (!churn->verifying && clock_ms() >= churn->next_ms) {
		printf("# progress %s: now to be %s\n", guest->name, steps[churn->step]);
		churn->verifying = !take_step(churn->step, guest, plan, churn->why, sizeof(churn->why));
		churn->rounds = page[BEAT_ROUNDS] + VERIFIED;
	}
	end(churn, guest);
}

bool churn_fine(const struct churn *churn, const struct guest *guest)
{
	bool fine = !*churn->why;

	for (int i = 0; i < CHURN_STEPS; i++) {
		char *name = xasprintf("times_%s", steps[i]);

		figure(stdout, name, churn->done[i], "times", false);
		fine = fine && churn->done[i];
		free(name);
	}
	if (!fine)
		printf("# %s: %s\n", guest->name, *churn->why ? churn->why : "it was not through with each step once");
	return fine;
}
