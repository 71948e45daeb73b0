// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest writes more than its dirty ring takes, and KVM stops it each time. As it writes a known sequence, its
 * memory says where it stands: the ring names, once each, the pages that it wrote since the last reset, and
 * none but the one before which it stands; whatever the host did to the pages, and when.
 */
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/ring-guest.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/thp.h"

#define MOMENTS 4
#define STOPS (2 * MOMENTS)
#define SAME_STORY "the same story as migrate, by another way"

/* When the host takes the pages away: at each stop another one. */
static enum moment { NEVER, BEFORE_HARVEST, BEFORE_RESET, AFTER_RESET } moment;
static const char *const moments[MOMENTS] = {
	"nothing is taken away", "taken away before the harvest", "taken away before the reset",
	"taken away after the reset",
};

static struct ring_guest g;
static enum displace way;
static atomic_size_t stops;
static uint64_t words[RING_GUEST_MAX], last[RING_GUEST_MAX];
static bool named[RING_GUEST_MAX];
static struct spte_view views[RING_GUEST_MAX];

/* What the guest may write without a word of KVM's, of all pages or of those that the ring did not name. */
static size_t count_open(bool unnamed_only)
{
	size_t open = 0;

	if (!sptes_read(g.stage.slot, 0, g.pages, views))
		return 0;
	for (size_t page = 0; page < g.pages; page++)
		open += views[page].writable && views[page].dirty && !(unnamed_only && named[page]);
	return open;
}

/* The guest stands before that page. Returns the number of entries. */
static size_t harvest(size_t stand)
{
	const size_t entries = dirty_ring_harvest(&g.ring, g.stage.slot, named), open = count_open(true);
	size_t count = 0, missing = 0, extra = 0;

	for (size_t page = 0; page < g.pages; page++) {
		const bool wrote = words[page] != last[page];

		count += named[page];
		missing += wrote && !named[page];
		extra += named[page] && !wrote && page != stand;
	}
	memcpy(last, words, sizeof(last));
	expect(!missing && !extra, "%s: %zu pages are missing in the ring and %zu too many", moments[moment],
	       missing, extra);
	expect(entries == count, "%s: %zu entries for %zu pages", moments[moment], entries, count);
	expect(!open, "%s: the guest may write %zu pages that are not in the ring", moments[moment], open);
	return entries;
}

static void reset(size_t entries)
{
	const size_t done = dirty_ring_reset(&g.stage.vm), open = count_open(false);

	expect(done == entries, "%s: %zu entries were reset, harvested %zu", moments[moment], done, entries);
	expect(!open, "%s: %zu pages are writable after the reset", moments[moment], open);
}

static void take_away(enum moment now)
{
	if (now != moment)
		return;
	displace(way, g.stage.slot->hva, g.pages);
	ring_guest_step(&g, moments[moment]);
}

/* It neither runs while the ring is full, nor while what was harvested is not reset. */
static void expect_stopped(size_t stand)
{
	expect(dirty_ring_still_full(&g.ring), "%s: KVM lets the guest go on", moments[moment]);
	ring_guest_words(&g, words);
	expect(ring_guest_stand(&g, words, moments[moment]) == stand, "%s: the guest went on",
	       moments[moment]);
}

/* In the vCPU's thread: the guest stands still. */
static void on_full(struct vcpu *vcpu)
{
	size_t stand, entries;

	(void)vcpu;
	moment = stops % MOMENTS;
	ring_guest_words(&g, words);
	stand = ring_guest_stand(&g, words, moments[moment]);
	take_away(BEFORE_HARVEST);
	expect_stopped(stand);
	entries = harvest(stand);
	take_away(BEFORE_RESET);
	expect_stopped(stand);
	reset(entries);
	take_away(AFTER_RESET);
	stops++;
}

/* In each round it writes more than the ring takes. */
static void wait_for_stops(void)
{
	size_t rounds;

	while (stops < STOPS) {
		rounds = g.stage.vcpu->mailbox->rounds;
		require(rounds <= stops, "the guest went on for %zu rounds and was stopped %zu times", rounds, stops);
		usleep(1000);
	}
}

static void story(enum displace how)
{
	int result;

	way = how;
	ring_guest_create(&g, how);
	ring_guest_words(&g, last);
	ring_guest_start(&g, on_full);
	wait_for_stops();
	guest_spin_stop(g.stage.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	moment = NEVER;
	ring_guest_words(&g, words);
	reset(harvest(g.pages));
	ring_guest_expect_written(&g);
	ring_guest_step(&g, "the guest has stopped");
}

DISPLACE_CASES(story)

const struct test test = {
	.name = "ring-full",
	.group = "dirty",
	.proves = "a full dirty ring stops the guest, and names exactly what it wrote, whatever the host does",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISPLACE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "swap", swap, { .swap = true }, .full = SAME_STORY },
		{ "migrate", migrate, { .nodes = 2 } },
		{ "ksm", ksm, { .ksm = true }, .full = SAME_STORY },
		{ "split", split, { .files = { THP_KNOBS "enabled" } }, .full = SAME_STORY },
	},
};
