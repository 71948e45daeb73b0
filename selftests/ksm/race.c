// SPDX-License-Identifier: GPL-2.0-only
/*
 * KSM merges while the guest goes on writing. Each page is KSM's one moment and the guest's own the
 * next; no write may get lost, and none may reach a page that others share.
 */
#include <stdio.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm-guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define PAGES 32	/* in each of two memslots; the guest writes to the first */
#define IDLE 200000	/* iterations of the guest after each write: KSM takes what holds still */
#define ROUNDS 8
#define RESTING 77	/* what the second memslot's pages hold */

static struct ksm_guest guest;

/* How many pages that the guest writes another task than the guest has invalidated: ksmd. */
static size_t count_merges(void)
{
	const struct event_list *list = witness_events();
	uint64_t start = (uintptr_t)guest.slot[0]->hva, end = start + PAGES * GUEST_PAGE;
	const struct event *e;
	size_t merges = 0;
	char thread[64];

	for (e = list->event; e < list->event + list->count; e++) {
		snprintf(thread, sizeof(thread), "/proc/self/task/%d", e->task);
		merges += e->kind == EVENT_START && e->start >= start && e->end <= end &&
			  !sysfile_exists(thread);
	}
	return merges;
}

static void racing_step(const char *what)
{
	witness_step(&guest.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = 2 * PAGES, .racing = true,
		.partial = true,
	});
}

static void expect_words(const struct memslot *slot, uint64_t expected)
{
	const uint64_t *words;
	size_t page, w, bad;

	for (page = 0; page < PAGES; page++) {
		words = slot_page(slot, page);
		expect(words[0] == expected, "page %zu of memslot %u holds %lu, not %lu", page, slot->id,
		       words[0], expected);
		for (bad = 0, w = 1; w < GUEST_WORDS; w++)
			bad += words[w] != 0;
		expect(!bad, "page %zu of memslot %u: %zu words were never written and are not zero",
		       page, slot->id, bad);
	}
}

static void set_up(void)
{
	ksm_guest_create(&guest, PAGES);
	ksm_hurry();
	for (int half = 0; half < 2; half++)
		require(!guest_write_each(guest.vcpu, guest.slot[half], 0, PAGES, RESTING),
			"the guest cannot write");
	witness_step(&guest.witness, "guest writes", &(struct step){ .faulted = 2 * PAGES });
}

static size_t merge_while_written(void)
{
	size_t merges = 0;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		require(guest_spin_wait(guest.vcpu), "the guest stands still in round %d", round);
		ksm_merge();
		racing_step("KSM merges under a writing guest");
		merges += count_merges();
	}
	return merges;
}

/* What rests at last is merged like any other memory: all that the guest wrote is alike. */
static void expect_merged_at_rest(uint64_t written)
{
	ksm_merge();
	racing_step("KSM merges what rests");
	expect_words(guest.slot[0], written);
	expect_words(guest.slot[1], RESTING);
	require(!guest_write_each(guest.vcpu, guest.slot[0], 0, PAGES, written + 1),
		"the guest cannot write");
	witness_step(&guest.witness, "guest writes what was merged", &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = PAGES, .faulted = PAGES,
	});
	expect_words(guest.slot[0], written + 1);
	expect_words(guest.slot[1], RESTING);
}

static void while_written(void)
{
	uint64_t written;
	size_t merges;
	int result;

	set_up();
	guest_spin_write_start(guest.vcpu, guest.slot[0], 0, PAGES, IDLE);
	merges = merge_while_written();
	guest_spin_stop(guest.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	racing_step("guest stops");
	expect(events_missing() || merges, "KSM took no page that the guest was writing");
	written = guest_spin_written(guest.vcpu);
	expect_words(guest.slot[0], written);
	expect_merged_at_rest(written);
}

const struct test test = {
	.name = "race",
	.group = "ksm",
	.proves = "no write of a guest is lost or shared while KSM merges what it is writing",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "while-written", while_written },
	},
};
