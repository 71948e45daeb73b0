// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest writes all the time while its memory is copied as for a live migration: read the log, copy what
 * it names, again and again; and the host takes the pages away meanwhile. When the guest has stopped and the
 * log was read for the last time, the copy is complete. One write that the log missed, and it is not.
 */
#include <string.h>

#include "lib/check.h"
#include "lib/dirty-log.h"
#include "lib/displace.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"

#define PAGES_MAX THP_PAGES
#define PAGES 64
#define ROUNDS 3
#define RESTING 7	/* first word of the pages that the guest leaves alone */
#define IDLE 200	/* iterations of the guest after each write */

static struct stage s;
static size_t pages;
static char *copy;
static bool dirty[PAGES_MAX];

static void step(const char *what)
{
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .also = NOTIFY_PROTECTION_VMA, .hva = s.slot->hva, .pages = pages,
		.racing = true, .partial = true,
	});
}

/*
 * The first half was written since the log was read last, all of it; the second rests, and is in the log for
 * nothing that the host does.
 */
static void copy_dirty(const char *what)
{
	size_t missing = 0;

	dirty_log_read(s.slot, dirty);
	for (size_t page = 0; page < pages; page++) {
		if (!dirty[page]) {
			missing += page < pages / 2;
			continue;
		}
		memcpy(copy + page * GUEST_PAGE, slot_page(s.slot, page), GUEST_PAGE);
		expect(page < pages / 2, "%s: page %zu is in the log, which the guest does not write", what,
		       page);
	}
	expect(!missing, "%s: %zu of %zu pages that the guest wrote are not in the log", what, missing,
	       pages / 2);
}

static void expect_copied(void)
{
	size_t wrong = 0, first = 0;

	for (size_t page = 0; page < pages; page++)
		if (memcmp(copy + page * GUEST_PAGE, slot_page(s.slot, page), GUEST_PAGE) && !wrong++)
			first = page;
	expect(!wrong, "%zu pages are not what was copied when they last were in the log, first page %zu: %#lx, not %#lx",
	       wrong, first, *(uint64_t *)(copy + first * GUEST_PAGE),
	       *(uint64_t *)slot_page(s.slot, first));
}

/* What the guest leaves alone nobody but the host takes. */
static void expect_taken(void)
{
	const uint64_t first = (uintptr_t)slot_page(s.slot, pages / 2), end = first + pages / 2 * GUEST_PAGE;
	const struct event_list *list = witness_events();
	size_t taken = 0;

	for (size_t i = 0; i < list->count; i++)
		taken += list->event[i].kind == EVENT_START && list->event[i].start < end &&
			 list->event[i].end > first;
	expect(taken || events_missing(), "the host took none of the pages that rest");
}

static void set_up(enum displace how)
{
	pages = how == DISPLACE_SPLIT ? THP_PAGES : PAGES;
	copy = memory_alloc(pages);
	stage_make(&s, displace_alloc(how, pages), pages);
	witness_open(&s.witness, &s.vm);
	require(!guest_write_each(s.vcpu, s.slot, 0, pages, RESTING), "the guest cannot write");
	if (how == DISPLACE_SPLIT && thp_count(s.slot->hva) != pages)
		skip_case("the host gave no huge page");
	dirty_log_start(s.slot);
	memcpy(copy, s.slot->hva, pages * GUEST_PAGE);
	step("logging begins");
}

static void migrate_live(enum displace how)
{
	int result;

	set_up(how);
	guest_spin_write_start(s.vcpu, s.slot, 0, pages / 2, IDLE);
	for (int round = 0; round < ROUNDS; round++) {
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		copy_dirty("while the guest writes");
		displace_racing(how, s.slot->hva, pages);
	}
	/* The last writes are to pages that are mapped, and read-only since the log was read: the fast path. */
	require(guest_spin_wait(s.vcpu), "the guest stands still at the end");
	copy_dirty("while the guest writes all again");
	require(guest_spin_wait(s.vcpu), "the guest stands still after the last copy but one");
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	copy_dirty("the guest has stopped");
	step("the guest has stopped");
	expect_taken();
	expect_copied();
	for (size_t page = 0; page < pages; page++) {
		const uint64_t word = page < pages / 2 ? guest_spin_written(s.vcpu) : RESTING;

		expect(*(uint64_t *)slot_page(s.slot, page) == word, "page %zu holds %#lx, not %#lx", page,
		       *(uint64_t *)slot_page(s.slot, page), word);
	}
	sptes_check(&s.vm, "the guest has stopped", true);
}

DISPLACE_CASES(migrate_live)

#define RACES_LONG "each round waits for a guest that faults on every page"

const struct test test = {
	.name = "copy",
	.group = "dirty",
	.proves = "a copy made by the dirty log of a writing guest is complete, whatever the host does",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel", DISPLACE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "swap", swap, { .swap = true } },
		{ "migrate", migrate, { .nodes = 2 } },
		{ "ksm", ksm, { .ksm = true }, .full = RACES_LONG },
		{ "split", split, { .files = { THP_KNOBS "enabled" } }, .full = RACES_LONG },
	},
};
