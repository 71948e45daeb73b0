// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest touches some of its pages. Whatever in the host looks for pages in use has to find exactly
 * those, by the accessed bits of the sptes, once; and those of the next round in the next round.
 */
#include <string.h>

#include "lib/age.h"
#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/witness.h"
#include "lib/young.h"

#define PAGES YOUNG_PAGES
#define SWAP_MIB 32
#define ROUNDS 2
#define RECLAIMS 5

struct stage {
	struct vm vm;
	struct memslot *slot;
	struct witness witness;
	struct young young;
};

static void set_up(struct stage *s)
{
	vm_create(&s->vm, 1);
	s->slot = vm_add_memslot(&s->vm, memory_alloc(PAGES), PAGES);
	witness_open(&s->witness, &s->vm);
	guest_fill(&s->vm.vcpu[0], s->slot, 0, PAGES, 1);
	witness_step(&s->witness, "guest writes", &(struct step){ .faulted = PAGES });
	young_init(&s->young, &s->vm.vcpu[0], s->slot);
}

static void tear_down(struct stage *s)
{
	guest_check(&s->vm.vcpu[0], s->slot, 0, PAGES, 1);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 1), 0, PAGES);
}

static void mglru_round(struct stage *s, const char *what)
{
	size_t asked;

	young_begin(&s->young);
	mglru_age();
	witness_step(&s->witness, what, &(struct step){ 0 });
	asked = young_check(&s->young, what, witness_events());
	young_check_sptes(&s->young, what);
	expect(asked == PAGES, "%s: only %zu of %d pages were asked for", what, asked, PAGES);
}

static void mglru(void)
{
	struct stage s;
	unsigned int i;

	young_need_answers();
	mglru_prepare();
	if (!mglru_asks_secondary_mmus())
		skip_case("the multi-generational LRU of this kernel does not ask secondary MMUs");
	swap_on(SWAP_MIB);	/* or anonymous memory is not aged */
	set_up(&s);
	mglru_round(&s, "aging after the guest wrote all");
	for (i = 0; i < ROUNDS; i++) {
		young_touch(&s.young, i);
		witness_step(&s.witness, "guest touches some", &(struct step){ 0 });
		young_check_sptes(&s.young, "guest touches some");
		mglru_round(&s, "aging after the guest touched some");
	}
	mglru_round(&s, "aging after nothing");
	tear_down(&s);
}

static void idle_round(struct stage *s, const char *what)
{
	bool is_idle[PAGES], expected[PAGES];
	size_t page;

	for (page = 0; page < PAGES; page++)
		expected[page] = !s->young.touched[page];
	idle_read(s->slot->hva, PAGES, is_idle);
	witness_step(&s->witness, what, &(struct step){ 0 });
	young_check(&s->young, what, witness_events());
	for (page = 0; page < PAGES; page++)
		expect(is_idle[page] == expected[page], "%s: page %zu is %s, but the guest %s", what, page,
		       is_idle[page] ? "idle" : "in use",
		       expected[page] ? "did not touch it" : "touched it");
}

static void idle(void)
{
	struct stage s;
	unsigned int i;

	set_up(&s);
	for (i = 0; i < ROUNDS; i++) {
		idle_mark(s.slot->hva, PAGES);
		witness_step(&s.witness, "marking idle", &(struct step){ 0 });
		young_check(&s.young, "marking idle", witness_events());
		memset(s.young.touched, false, sizeof(s.young.touched));
		young_touch(&s.young, i);
		idle_round(&s, "idle bits after the guest touched some");
	}
	tear_down(&s);
}

/* MADV_PAGEOUT takes what was not touched, and nothing else. */
static void pageout_round(struct stage *s, const char *what)
{
	struct page_state before[PAGES], after[PAGES];
	bool leaves[PAGES];
	size_t page, count = 0;

	pagemap_read(s->slot->hva, before, PAGES);
	for (page = 0; page < PAGES; page++) {
		leaves[page] = before[page].present && !s->young.touched[page];
		count += leaves[page];
	}
	swap_out_once(s->slot->hva, PAGES);
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = PAGES, .only = leaves,
		.zapped = count,
	});
	young_check(&s->young, what, witness_events());
	pagemap_read(s->slot->hva, after, PAGES);
	for (page = 0; page < PAGES; page++)
		expect(after[page].present == (before[page].present && !leaves[page]),
		       "%s: page %zu, which the guest %s, is %s", what, page,
		       leaves[page] ? "did not touch" : "touched",
		       after[page].present ? "still there" : "gone");
}

static size_t count_absent_touched(struct stage *s, unsigned int round)
{
	size_t absent = PAGES - pagemap_count_present(s->slot->hva, PAGES);

	young_touch(&s->young, round);
	return absent - (PAGES - pagemap_count_present(s->slot->hva, PAGES));
}

/* All were touched, so none may go. Some kernels do not ask: there the pages are gone, unasked. */
static void age_all(struct stage *s)
{
	const char *what = "pageout after the guest wrote all";
	struct event_list list;

	swap_out_once(s->slot->hva, PAGES);
	list = events_read();
	if (!young_check(&s->young, what, &list) &&
	    pagemap_count_swapped(s->slot->hva, PAGES) == PAGES)
		skip_case("MADV_PAGEOUT of this kernel does not look at accessed bits");
	events_free(&list);
	witness_step(&s->witness, what, &(struct step){ 0 });
	memset(s->young.touched, false, sizeof(s->young.touched));
}

static void pageout(void)
{
	struct stage s;
	unsigned int i;
	size_t back;

	mglru_off();
	swap_on(SWAP_MIB);
	set_up(&s);
	age_all(&s);
	for (i = 0; i < ROUNDS; i++) {
		back = count_absent_touched(&s, i);
		witness_step(&s.witness, "guest touches some", &(struct step){ .faulted = back });
		pageout_round(&s, "pageout after the guest touched some");
	}
	tear_down(&s);
}

/* The reclaim of a cgroup asks in its own order; each of its questions has one right answer. */
static void reclaim(void)
{
	struct step quiet = { .event = NOTIFY_CLEAR, .pages = PAGES, .racing = true, .partial = true };
	size_t asked = 0;
	struct stage s;
	unsigned int i;

	young_need_answers();
	cgroup_enter();
	if (!cgroup_has("memory.reclaim"))
		skip_case("cgroup v2 without memory.reclaim");
	mglru_off();
	swap_on(SWAP_MIB);
	set_up(&s);
	quiet.hva = s.slot->hva;
	young_begin(&s.young);
	for (i = 0; i < RECLAIMS; i++) {
		young_touch(&s.young, i);
		swap_out_some_by_cgroup(PAGES / 2);
		witness_step(&s.witness, "memory.reclaim", &quiet);
		asked = young_check(&s.young, "memory.reclaim", witness_events());
	}
	expect(asked >= PAGES / 2, "memory.reclaim asked for %zu of %d pages only", asked, PAGES);
	tear_down(&s);
}

const struct test test = {
	.name = "young",
	.group = "age",
	.proves = "the host's search for pages in use finds exactly those that the guest touched",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE | EVENTS_AGE,
	.timeout_s = 60,
	.cases = {
		{ "mglru", mglru },
		{ "reclaim", reclaim },
		{ "pageout", pageout },
		{ "page-idle", idle },
	},
};
