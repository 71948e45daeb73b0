// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory is in use, or it is not, by what DAMON itself counts. Only the guest uses it, so nobody but KVM can tell:
 * the host's own ptes stay old.
 */
#include <pthread.h>
#include <time.h>

#include "lib/age.h"
#include "lib/backing.h"
#include "lib/check.h"
#include "lib/damon.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/pagemap.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/turns.h"

#define PAGES THP_PAGES
#define FRAMES 16	/* of the huge page, no two of them neighbours */
#define TURNS_MAX 1000000	/* more than are taken before turns_stop() */
#define RESTING 100		/* regions that DAMON judges while the guest does nothing: each of them once at least */
#define USED 1000		/* so many that it must have found one in use, if the guest uses all of them all the time */

static struct stage stage;

static void touch_all(void)
{
	static const uint64_t all[PAGES / 64] = { [0 ... PAGES / 64 - 1] = UINT64_MAX };

	require(!guest_touch(stage.vcpu, stage.slot, all, PAGES), "the guest cannot read");
}

static void *guest(void *unused)
{
	turns_take(touch_all);
	return unused;
}

static void expect_unused(void)
{
	time_t deadline = time(NULL) + 20 * test_slowness();
	struct damon_counts counts;

	damon_start();
	do
		counts = damon_counts();
	while (counts.judged < RESTING && time(NULL) < deadline);
	damon_stop();
	require(counts.judged >= RESTING, "DAMON judged %lu regions only", counts.judged);
	expect(!counts.used, "DAMON found %lu of %lu regions in use, while the guest did nothing", counts.used,
	       counts.judged);
	witness_step(&stage.witness, "DAMON watches a guest that rests", &(struct step){ 0 });
}

/* The guest has gone over all pages, at least once more, before DAMON's counts are read again. */
static void expect_used(void)
{
	time_t deadline = time(NULL) + 60 * test_slowness();
	struct damon_counts counts;
	pthread_t thread;

	require(!pthread_create(&thread, NULL, guest, NULL), "no thread");
	damon_start();
	do {
		turns_grant(1, TURNS_MAX);
		counts = damon_counts();
	} while (counts.judged < USED && !counts.used && time(NULL) < deadline);
	damon_stop();
	turns_stop();
	pthread_join(thread, NULL);
	expect(counts.used, "DAMON found none of %lu regions in use, while the guest read them all the time",
	       counts.judged);
	witness_step(&stage.witness, "DAMON watches a guest that reads", &(struct step){ 0 });
}

/* Of what it was told to watch. */
static void count_use(void)
{
	turns_prepare();
	mglru_off();
	lru_drain();
	damon_count();
	expect_unused();
	expect_used();
	stage_read(&stage, "guest reads all", 0, PAGES, 1, 0);
}

static void pages(void)
{
	stage_set(&stage, PAGES);
	damon_watch(stage.slot->hva, PAGES);
	count_use();
}

static void set_huge(void)
{
	stage_set_over(&stage, thp_alloc(PAGES), PAGES, PAGES);
	if (thp_count(stage.slot->hva) != PAGES)
		skip_case("the host gave no huge page");
}

static void huge(void)
{
	set_huge();
	damon_watch(stage.slot->hva, PAGES);
	count_use();
}

/* By page frames DAMON has to find out who maps the huge page (damon_folio_young()). */
static void huge_frame(void)
{
	struct page_state state[PAGES];
	uint64_t frames[FRAMES];

	set_huge();
	pagemap_read(stage.slot->hva, state, PAGES);
	for (size_t i = 0; i < FRAMES; i++)
		frames[i] = state[2 * i].pfn;
	damon_watch_frames(frames, FRAMES);
	count_use();
}

const struct test test = {
	.name = "damon_use",
	.group = "age",
	.proves = "DAMON counts memory as used that a guest uses and nobody else, and no other",
	.needs = { .kvm = true, .memory_mib = 64, .files = { DAMON_ADMIN "/kdamonds/nr_kdamonds" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "pages", pages, .backings = BACKING_ANON, .full_backings = BACKING_HUGETLB },
		{ "huge", huge, { .files = { THP_KNOBS "enabled" } } },
		{ "huge-frame", huge_frame, { .files = { THP_KNOBS "enabled" } },
		  .full = "counts as `huge` does, which takes seconds" },
	},
};
