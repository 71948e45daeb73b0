// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file is memory of two processes with a VM each, and each guest touches pages of its own choice. Whoever
 * looks for pages in use by the page has to ask both secondary MMUs, and a page that either guest touched is in
 * use. Whoever ages page tables ages both, each by itself.
 */
#include <string.h>

#include "lib/age.h"
#include "lib/backing.h"
#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/witness.h"
#include "lib/young-pair.h"

#define PAGES YOUNG_PAGES
#define SWAP_MIB 32
#define ROUNDS_MAX 40

/* Of the events of a step: the last answer for each page, and how often it was asked for. */
static struct {
	int answer[PAGES];
	size_t asked[PAGES];
} seen[2];

static bool taken[PAGES];	/* at any time */

/* A page is taken from a process after its guest was found not to use it, and not if the other's was. */
static void see(const char *what, const struct event *e)
{
	const unsigned int side = young_pair_side(e);
	const size_t page = young_pair_page(e);

	if (page == PAGES)
		return;
	if (young_pair_is_question(e)) {
		seen[side].answer[page] = e->young;
		seen[side].asked[page]++;
	} else if (e->kind == EVENT_START) {
		expect(seen[side].answer[page] == YOUNG_NO && seen[!side].answer[page] != YOUNG_YES,
		       "%s: page %zu is taken from process %c, answers were %d and %d of %d (no) and %d (yes)",
		       what, page, 'A' + side, seen[PAIR_A].answer[page], seen[PAIR_B].answer[page],
		       YOUNG_NO, YOUNG_YES);
		taken[page] = true;
	}
}

static void judge(const char *what)
{
	const struct event_list *list = witness_events();

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < list->count; i++)
		see(what, &list->event[i]);
	young_pair_judge(what);
}

/* Of a page that both have mapped. */
static void expect_both_asked(const char *what)
{
	for (size_t page = 0; page < PAGES; page++)
		expect(taken[page] || seen[PAIR_A].asked[page] == seen[PAIR_B].asked[page],
		       "%s: page %zu: A was asked %zu times, B %zu times", what, page,
		       seen[PAIR_A].asked[page], seen[PAIR_B].asked[page]);
}

static void note_used(bool *used)
{
	for (size_t page = 0; page < PAGES; page++)
		used[page] |= young_pair_of(PAIR_A)->touched[page] || young_pair_of(PAIR_B)->touched[page];
}

static void age(const char *what, bool *used)
{
	note_used(used);
	mglru_age();
	young_pair_step(what);
	judge(what);
	expect_both_asked(what);
	for (size_t page = 0; page < PAGES; page++)
		expect(seen[PAIR_A].asked[page] == 1, "%s: page %zu was asked for %zu times", what, page,
		       seen[PAIR_A].asked[page]);
	young_pair_check(what);
}

static void evict(const bool *used)
{
	size_t gone = 0;

	mglru_evict();
	young_pair_step_reclaim("eviction");
	judge("eviction");
	for (size_t page = 0; page < PAGES; page++) {
		gone += taken[page];
		expect(!taken[page] || !used[page], "page %zu, which a guest uses, is swapped", page);
	}
	expect(gone, "eviction took no page");
	young_pair_check("eviction");
}

/* What only one of them used, at each of two agings, stays. */
static void generations(void)
{
	bool before[PAGES] = { false }, used[PAGES] = { false };

	mglru_prepare();
	if (!mglru_asks_secondary_mmus())
		skip_case("the multi-generational LRU of this kernel does not ask secondary MMUs");
	swap_on(SWAP_MIB);
	young_pair_make();
	age("aging after both guests touched all", before);
	young_pair_touch(PAIR_A, 0);
	age("aging after A's guest touched some", before);
	young_pair_touch(PAIR_B, 1);
	age("aging after B's guest touched some", before);
	for (int i = 0; i < 2; i++) {
		young_pair_touch(PAIR_A, 0);
		young_pair_touch(PAIR_B, 1);
		age("aging after both guests touched some", used);
	}
	evict(used);
	young_pair_check_data();
}

/* How many pages stayed because this guest uses them, which the other does not; returns all that are taken. */
static size_t count_spared(size_t spared[2])
{
	size_t gone = 0;

	for (size_t page = 0; page < PAGES; page++) {
		gone += taken[page];
		for (unsigned int side = PAIR_A; side <= PAIR_B; side++)
			spared[side] += seen[side].answer[page] == YOUNG_YES &&
					seen[!side].answer[page] == YOUNG_NO;
	}
	return gone;
}

/* By the lists of the classic LRU: reclaim asks about the page. */
static void classic(void)
{
	size_t spared[2] = { 0, 0 }, gone = 0;

	cgroup_enter();
	mglru_off();
	swap_on(SWAP_MIB);
	young_pair_make();
	for (int i = 0; i < ROUNDS_MAX && (!spared[PAIR_A] || !spared[PAIR_B] || gone < PAGES / 4); i++) {
		young_pair_touch(PAIR_A, 0);
		young_pair_touch(PAIR_B, 1);
		swap_out_some_by_cgroup(PAGES / 8);
		young_pair_step_reclaim("memory.reclaim");
		judge("memory.reclaim");
		expect_both_asked("memory.reclaim");
		young_pair_check("memory.reclaim");
		gone = count_spared(spared);
	}
	expect(spared[PAIR_A] && spared[PAIR_B], "%zu pages were spared for A alone, %zu for B alone",
	       spared[PAIR_A], spared[PAIR_B]);
	expect(gone, "no page was taken");
	young_pair_check_data();
}

const struct test test = {
	.name = "shared",
	.group = "age",
	.proves = "a page of two guests is in use if either touched it, and both are asked",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE | EVENTS_AGE,
	.timeout_s = 60,
	.cases = {
		{ "generations", generations, .backings = BACKING_MEMFD },
		{ "classic", classic, .backings = BACKING_MEMFD },
	},
};
