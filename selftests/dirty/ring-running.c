// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest writes all the time while one thread empties its dirty ring and copies what it names, as a live
 * migration does, and another takes the pages away. No page is named that the guest did not write, and when it
 * has stopped and the ring is empty, the copy is complete.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/ring-guest.h"
#include "lib/test.h"
#include "lib/thp.h"

#define ROUNDS 3	/* of the host, which takes all pages away in each */
#define REST_US 2000	/* on hardware, between two harvests: the ring gets full at times, and at times not */

static struct ring_guest g;
static atomic_bool ended;
static size_t fulls, harvests;
static uint64_t copy[RING_GUEST_MAX];

/* Of the thread that empties the ring, and of the vCPU's while it is full: one at a time. */
static pthread_mutex_t ring_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t earlier[RING_GUEST_MAX];	/* what the pages held before the last harvest began */
static uint64_t before[RING_GUEST_MAX], after[RING_GUEST_MAX];
static bool named[RING_GUEST_MAX];

/*
 * Each entry is younger than the harvest before. So its page changed since `earlier`, unless it is the one that
 * the guest is just about to write: KVM names a page when it makes it writable.
 */
static void expect_written_since(void)
{
	size_t resting = 0, unwritten = 0, first = 0, last = 0;

	for (size_t page = 0; page < g.pages; page++) {
		resting += named[page] && !g.writes[page];
		if (!named[page] || !g.writes[page] || after[page] != earlier[page])
			continue;
		last = page;
		if (!unwritten++)
			first = page;
	}
	expect(!resting, "%zu pages are in the ring that the guest leaves alone", resting);
	expect(unwritten <= 1, "%zu pages are in the ring that the guest has not written since: page %zu (%#lx) to page %zu (%#lx), in round %lu",
	       unwritten, first, after[first], last, after[last], g.stage.vcpu->mailbox->rounds);
}

/* What the guest writes after the reset is in the ring anew, so that the copy is right or is made again. */
static void empty_ring(void)
{
	size_t entries, reset;

	pthread_mutex_lock(&ring_lock);
	ring_guest_words(&g, before);
	entries = dirty_ring_harvest(&g.ring, g.stage.slot, named);
	ring_guest_words(&g, after);
	expect_written_since();
	reset = dirty_ring_reset(&g.stage.vm);
	expect(reset == entries, "%zu entries were reset, harvested %zu", reset, entries);
	for (size_t page = 0; page < g.pages; page++)
		if (named[page])
			copy[page] = *(volatile uint64_t *)slot_page(g.stage.slot, page);
	memcpy(earlier, before, sizeof(earlier));
	harvests += entries > 0;
	pthread_mutex_unlock(&ring_lock);
}

static void on_full(struct vcpu *vcpu)
{
	(void)vcpu;
	fulls++;
	empty_ring();
}

/* A page that is taken back before the guest gets to write it is named for ever. */
static bool went_on(void)
{
	bool changed;

	pthread_mutex_lock(&ring_lock);
	ring_guest_words(&g, before);
	changed = memcmp(before, after, g.pages * sizeof(*before));
	pthread_mutex_unlock(&ring_lock);
	return changed;
}

static void *empty_until_ended(void *arg)
{
	(void)arg;
	while (!ended) {
		if (went_on())
			empty_ring();
		usleep(REST_US * test_slowness());
	}
	return NULL;
}

static bool takes_resting(const struct event *e)
{
	for (size_t page = 0; page < g.pages; page++) {
		const uint64_t hva = (uintptr_t)slot_page(g.stage.slot, page);

		if (!g.writes[page] && e->start <= hva && hva < e->end)
			return true;
	}
	return false;
}

/* What the guest leaves alone nobody but the host takes. */
static void expect_taken(void)
{
	const struct event_list *list = witness_events();
	bool taken = events_missing();

	for (size_t i = 0; i < list->count && !taken; i++)
		taken = list->event[i].kind == EVENT_START && takes_resting(&list->event[i]);
	expect(taken, "the host took none of the pages that rest");
}

static void expect_copied(void)
{
	size_t wrong = 0, first = 0;

	ring_guest_words(&g, after);
	for (size_t page = 0; page < g.pages; page++)
		if (copy[page] != after[page] && !wrong++)
			first = page;
	expect(!wrong, "%zu pages changed since they were in the ring last, first page %zu: %#lx, copied %#lx",
	       wrong, first, after[first], copy[first]);
}

static void race(enum displace how)
{
	int result;

	for (int round = 0; round < ROUNDS; round++) {
		require(guest_spin_wait(g.stage.vcpu), "the guest stands still in round %d", round);
		displace_racing(how, g.stage.slot->hva, g.pages);
	}
	require(guest_spin_wait(g.stage.vcpu), "the guest stands still at the end");
	guest_spin_stop(g.stage.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
}

static void story(enum displace how)
{
	pthread_t thread;

	ring_guest_create(&g, how);
	ring_guest_words(&g, earlier);
	memcpy(copy, earlier, sizeof(copy));
	ring_guest_start(&g, on_full);
	require(!pthread_create(&thread, NULL, empty_until_ended, NULL), "no thread");
	race(how);
	ended = true;
	pthread_join(thread, NULL);
	empty_ring();
	ring_guest_step(&g, "the guest has stopped");
	expect_taken();
	expect_copied();
	ring_guest_expect_written(&g);
	diag("the ring had something in it %zu times, and was full %zu times", harvests, fulls);
}

static void migrate(void)
{
	story(DISPLACE_MIGRATE);
}

static void ksm(void)
{
	story(DISPLACE_KSM);
}

static void split(void)
{
	story(DISPLACE_SPLIT);
}

const struct test test = {
	.name = "ring-running",
	.group = "dirty",
	.proves = "a copy made by the dirty ring of a running guest is complete, and nothing is named in vain",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.full = "each round waits for a guest that faults on every page",
	.cases = {
		{ "migrate", migrate, { .nodes = 2 } },
		{ "ksm", ksm, { .ksm = true } },
		{ "split", split, { .files = { THP_KNOBS "enabled" } } },
	},
};
