// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel makes a hugetlb page of 1 GiB at run time, and moves what is in its way: alloc_contig_range(), as for
 * CMA. Guest pages that are in the way lose their sptes, move, and come back elsewhere.
 *
 * Which range it takes is its affair; but it looks for one in a fixed order, so that the one that it took and gave
 * back is the next one again. The guest's memory is put there in between.
 */
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/keeper.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define GIB (512UL * 512)	/* pages of 4 KiB */
#define PAGES (8 * THP_PAGES)
#define IDLE 50000		/* iterations of the writing guest between writes */

static struct stage s;
static uint64_t range;		/* its first pfn */

static bool in_the_way[PAGES];

/* How many of the guest's pages are in the range; and which. */
static size_t find_in_range(void)
{
	static struct page_state state[PAGES];
	size_t count = 0;

	pagemap_read(s.slot->hva, state, PAGES);
	for (size_t i = 0; i < PAGES; i++) {
		in_the_way[i] = state[i].present && state[i].pfn >= range && state[i].pfn < range + GIB;
		count += in_the_way[i];
	}
	return count;
}

/*
 * What cannot move is there before the range is given back, so that it comes from elsewhere; the guest's memory
 * is taken afterwards, as huge pages, of which the range has the most.
 */
static void set_up(void)
{
	const unsigned int mark = keeper_mark();

	hugetlb_reserve(GIB, 1);
	range = hugetlb_find(GIB);
	stage_make(&s, thp_alloc(PAGES), PAGES);
	witness_open(&s.witness, &s.vm);
	keeper_undo(mark);
	guest_fill(s.vcpu, s.slot, 0, PAGES, 1);
	lru_drain();
	witness_step(&s.witness, "guest writes", &(struct step){ .racing = true });
	if (!find_in_range())
		skip_case("no memory was to be had in the range of a page of 1 GiB");
}

/* False: it took another range. */
static bool make_room(void)
{
	hugetlb_reserve(GIB, 1);
	return hugetlb_find(GIB) == range;
}

/* The guest's own code and stack may have been in the way as well, so that counters are not asked. */
static void at_rest(void)
{
	const char *what = "a page of 1 GiB is made";

	set_up();
	if (!make_room())
		skip_case("the kernel made room for a page of 1 GiB elsewhere");
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .only = in_the_way, .racing = true,
	});
	sptes_check(&s.vm, what, true);
	sptes_expect_only(s.slot, 0, PAGES, in_the_way, SPTES_NONE, what);
	expect(!find_in_range(), "%s: pages of the guest are still in its range", what);
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	witness_step(&s.witness, "guest reads what moved", &(struct step){ .racing = true });
	sptes_check(&s.vm, "guest reads what moved", true);
	guest_fill(s.vcpu, s.slot, 0, PAGES, 2);
	witness_step(&s.witness, "guest writes what moved", &(struct step){ .racing = true });
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 2), 0, PAGES);
}

static void written(void)
{
	int result;
	bool made;

	set_up();
	guest_spin_write_start(s.vcpu, s.slot, 0, PAGES, IDLE);
	require(guest_spin_wait(s.vcpu), "the guest stands still");
	made = make_room();
	require(guest_spin_wait(s.vcpu), "the guest stands still after a page of 1 GiB was made");
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	witness_step(&s.witness, "a page of 1 GiB is made under a writing guest", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .racing = true, .partial = true,
	});
	guest_spin_expect_written(s.vcpu, s.slot);
	if (!made)
		skip_case("the kernel made no page of 1 GiB where the guest wrote");
	expect(!find_in_range(), "pages of the guest are in the range of a page of 1 GiB");
}

const struct test test = {
	.name = "contig",
	.group = "migrate",
	.proves = "guest pages that are in the way of a page of 1 GiB move, each without its spte",
	.needs = { .kvm = true, .memory_mib = 4500 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.full = "needs a machine of 6 GiB (--memory 6144)",
	.cases = {
		{ "at-rest", at_rest },
		{ "written", written, { .cpus = 2 } },
	},
};
