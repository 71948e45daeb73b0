// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reclaim takes pages of a guest that goes on using some of them. Which pages it looks at is its own
 * affair; but it may take one only after KVM said that it is old, and one that was young when it looked last
 * stays. With MGLRU the generations say more: what the guest used at either of the last two agings stays.
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
#define ROUNDS_MAX 40
#define LATE 1		/* other rounds of young_touch() than HOT */
#define HOT 0

static struct vm vm;
static struct memslot *slot;
static struct witness witness;
static struct young young;

/* What KVM said of pages when it was asked last, and what came of it. */
static struct {
	int answer[PAGES];
	size_t spared, taken;
} seen;

static void set_up(void)
{
	young_need_answers();
	swap_on(SWAP_MIB);
	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	witness_open(&witness, &vm);
	guest_fill(&vm.vcpu[0], slot, 0, PAGES, 1);
	witness_step(&witness, "guest writes", &(struct step){ .faulted = PAGES });
	young_init(&young, &vm.vcpu[0], slot);
}

static void touch(unsigned int round)
{
	young_touch(&young, round);
	witness_step(&witness, "guest reads some", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = PAGES, .racing = true, .partial = true,
	});
}

/* The page that an event is about; PAGES: none of the memslot. */
static size_t page_of(const struct event *e)
{
	uint64_t base = (uintptr_t)slot->hva;

	return e->start < base || e->start >= base + PAGES * GUEST_PAGE ? PAGES :
	       (e->start - base) / GUEST_PAGE;
}

static void see(const char *what, const struct event *e)
{
	const bool question = e->kind >= EVENT_CLEAR_FLUSH_YOUNG && e->kind <= EVENT_TEST_YOUNG;
	const size_t page = page_of(e);

	if (page == PAGES)
		return;
	if (question) {
		seen.answer[page] = e->young;
		seen.spared += e->young == YOUNG_YES;
	} else if (e->kind == EVENT_START && e->notify == NOTIFY_CLEAR) {
		expect(seen.answer[page] == YOUNG_NO, "%s: page %zu is taken %s", what, page,
		       seen.answer[page] == YOUNG_YES ? "though it was young" : "without a question");
		seen.taken++;
	}
}

static void judge(const char *what)
{
	const struct event_list *list = witness_events();

	memset(seen.answer, 0, sizeof(seen.answer));
	for (size_t i = 0; i < list->count; i++)
		see(what, &list->event[i]);
	young_check(&young, what, list);
}

static void step_reclaim(const char *what)
{
	witness_step(&witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = PAGES, .racing = true, .partial = true,
	});
	judge(what);
}

static void check_data(void)
{
	guest_check(&vm.vcpu[0], slot, 0, PAGES, 1);
	memory_check("host", slot->hva, memory_key(slot->tag, 1), 0, PAGES);
}

static void classic(void)
{
	cgroup_enter();
	mglru_off();
	set_up();
	for (int i = 0; i < ROUNDS_MAX && (!seen.spared || seen.taken < PAGES / 4); i++) {
		touch(HOT);
		swap_out_some_by_cgroup(PAGES / 8);
		step_reclaim("memory.reclaim");
	}
	expect(seen.spared, "no page was young when reclaim looked");
	expect(seen.taken, "no page was taken");
	check_data();
}

/* Ages, and what is young then is in the newest generation. */
static void age(const char *what, bool *used)
{
	for (size_t page = 0; page < PAGES; page++)
		used[page] |= young.touched[page];
	mglru_age();
	witness_step(&witness, what, &(struct step){ 0 });
	young_check(&young, what, witness_events());
	young_check_sptes(&young, what);
}

/* The same subset of the pages at each aging, another one after the last. */
static void generations(void)
{
	bool before[PAGES] = { false }, used[PAGES] = { false };
	struct page_state state[PAGES];
	size_t gone = 0, page;

	mglru_prepare();
	if (!mglru_asks_secondary_mmus())
		skip_case("the multi-generational LRU of this kernel does not ask secondary MMUs");
	set_up();
	age("aging after the guest wrote all", before);
	touch(HOT);
	age("second aging", used);
	touch(HOT);
	age("third aging", used);
	touch(LATE);
	for (page = 0; page < PAGES; page++)
		used[page] |= young.touched[page];
	mglru_evict();
	step_reclaim("eviction");
	pagemap_read(slot->hva, state, PAGES);
	for (page = 0; page < PAGES; page++) {
		gone += state[page].swapped;
		expect(!used[page] || state[page].present, "page %zu, which the guest uses, is swapped",
		       page);
	}
	expect(gone, "eviction took no page");
	check_data();
}

const struct test test = {
	.name = "survive",
	.group = "age",
	.proves = "reclaim takes no page that the guest used since the kernel looked",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE | EVENTS_AGE,
	.timeout_s = 40,
	.cases = {
		{ "classic", classic },
		{ "generations", generations },
	},
};
