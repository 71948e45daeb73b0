// SPDX-License-Identifier: GPL-2.0-only
/*
 * Idle page tracking of huge pages. A guest reads one small page of some of them: these are in use and the others
 * are idle, whether KVM has one huge spte for each, small ones while it logs writes, or small ones because the
 * host has small ptes. The kernel asks for all of each huge page, once.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/age.h"
#include "lib/check.h"
#include "lib/dirty-log.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/young.h"

#define HUGE 4		/* huge pages */
#define PAGES (HUGE * THP_PAGES)
#define ROUNDS 3

static struct stage s;
static bool touched[PAGES];	/* by the guest since the kernel asked last */

static bool any_touched(size_t first, size_t count)
{
	return memchr(&touched[first], 1, count);
}

/* A pte table in place of each huge pte: the page stays what it is. */
static void split_ptes(char *memory)
{
	for (size_t i = 0; i < HUGE; i++) {
		char *part = memory + i * THP_PAGES * GUEST_PAGE;

		require(!mprotect(part, GUEST_PAGE, PROT_READ) &&
			!mprotect(part, GUEST_PAGE, PROT_READ | PROT_WRITE), "mprotect: %s", strerror(errno));
	}
	expect(!thp_count(memory), "the host has huge ptes for %zu pages", thp_count(memory));
}

enum mapping { HUGE_SPTES, LOGGED, SMALL_PTES };

static void set_up(void *memory, enum mapping mapping)
{
	const unsigned int level = mapping == HUGE_SPTES ? 2 : 1;

	young_need_answers();
	memset(memory, 1, PAGES * GUEST_PAGE);
	if (thp_count(memory) != PAGES)
		skip_case("the host gave huge pages for %zu of %lu pages only", thp_count(memory), PAGES);
	if (mapping == SMALL_PTES)
		split_ptes(memory);
	stage_make(&s, memory, PAGES);
	if (mapping == LOGGED)
		dirty_log_start(s.slot);
	witness_open(&s.witness, &s.vm);
	s.witness.granule = level == 2 ? THP_PAGES : 1;
	stage_write(&s, "guest writes", 0, PAGES, 1, PAGES);
	sptes_expect_level(s.slot, 0, PAGES, level, "guest writes");
	memset(touched, true, sizeof(touched));
}

static size_t answer(const char *what, const struct event *e)
{
	const uint64_t base = (uintptr_t)s.slot->hva;
	size_t first = (e->start - base) / GUEST_PAGE, count = (e->end - e->start) / GUEST_PAGE;
	bool used;

	if (e->kind != EVENT_CLEAR_YOUNG || e->start < base || first + count > PAGES)
		return 0;
	used = any_touched(first, count);
	expect(e->young == (used ? YOUNG_YES : YOUNG_NO), "%s: KVM said %s of %zu pages from page %zu on, which the guest %s",
	       what, e->young == YOUNG_YES ? "young" : "old", count, first, used ? "had used" : "had not used");
	memset(&touched[first], false, count);
	return count;
}

/* The kernel asked for each page once, and sptes are all that changed. */
static void judge(const char *what)
{
	const struct event_list *list;
	size_t asked = 0;

	witness_step(&s.witness, what, &(struct step){ 0 });
	list = witness_events();
	for (size_t i = 0; i < list->count; i++)
		asked += answer(what, &list->event[i]);
	expect(asked == PAGES, "%s: %zu pages were asked for, expected %lu", what, asked, PAGES);
}

static void check_accessed(const char *what)
{
	static struct spte_view view[PAGES];
	size_t wrong = 0;

	if (!sptes_read(s.slot, 0, PAGES, view))
		return;
	for (size_t page = 0; page < PAGES; page++) {
		size_t count = view[page].level == 2 ? THP_PAGES : 1;

		wrong += view[page].accessed != any_touched(page / count * count, count);
	}
	expect(!wrong, "%s: the sptes of %zu pages have the wrong accessed bit", what, wrong);
}

/* Neither the first nor the last small page of about half of the huge ones: one at least, but not all. */
static void touch_some(unsigned int round)
{
	const uint64_t random = pattern_mix(test_seed + round);
	const size_t hot = random % HUGE, cold = (hot + 1 + round) % HUGE;
	uint64_t mask[PAGES / 64] = { 0 };

	for (size_t i = 0; i < HUGE; i++) {
		size_t page = i * THP_PAGES + 1 + (random >> (8 + i)) % (THP_PAGES - 2);

		if (i != hot && (i == cold || random >> (40 + i) & 1))
			continue;
		mask[page / 64] |= 1UL << (page % 64);
		touched[page] = true;
	}
	require(!guest_touch(s.vcpu, s.slot, mask, PAGES), "the guest cannot read");
	witness_step(&s.witness, "guest reads a page of some", &(struct step){ 0 });
	check_accessed("guest reads a page of some");
}

static void mark_idle(void)
{
	for (size_t i = 0; i < HUGE; i++)
		idle_mark(slot_page(s.slot, i * THP_PAGES), 1);
	judge("marking idle");
	check_accessed("marking idle");
}

static void check_idle(const char *what)
{
	bool expected[HUGE], idle[HUGE];

	for (size_t i = 0; i < HUGE; i++) {
		expected[i] = !any_touched(i * THP_PAGES, THP_PAGES);
		idle_read(slot_page(s.slot, i * THP_PAGES), 1, &idle[i]);
	}
	judge(what);
	for (size_t i = 0; i < HUGE; i++)
		expect(idle[i] == expected[i], "%s: huge page %zu is %s, but the guest %s", what, i,
		       idle[i] ? "idle" : "in use", expected[i] ? "did not touch it" : "touched it");
}

static void tell_story(void *memory, enum mapping mapping)
{
	set_up(memory, mapping);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		mark_idle();
		touch_some(round);
		check_idle("idle bits after the guest touched some");
	}
	mark_idle();
	check_idle("idle bits after nothing");
	if (mapping != SMALL_PTES)
		expect(thp_count(memory) == PAGES, "idle tracking split a huge page");
	stage_read(&s, "all read", 0, PAGES, 1, 0);
}

static void huge(void)
{
	tell_story(thp_alloc(PAGES), HUGE_SPTES);
}

static void shared(void)
{
	tell_story(thp_alloc_shared(PAGES), HUGE_SPTES);
}

static void logged(void)
{
	tell_story(thp_alloc(PAGES), LOGGED);
}

static void small_ptes(void)
{
	tell_story(thp_alloc(PAGES), SMALL_PTES);
}

const struct test test = {
	.name = "idle_huge",
	.group = "age",
	.proves = "a huge page is idle exactly if the guest touched no part of it, by huge or small sptes",
	.needs = {
		.kvm = true, .memory_mib = 64,
		.files = { "/sys/kernel/mm/page_idle/bitmap", THP_KNOBS "enabled" },
	},
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_AGE,
	.timeout_s = 40,
	.cases = {
		{ "huge", huge },
		{ "shared", shared },
		{ "logged", logged },
		{ "small-ptes", small_ptes },
	},
};
