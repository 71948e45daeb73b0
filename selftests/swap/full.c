// SPDX-License-Identifier: GPL-2.0-only
/*
 * There is less swap than memory of the guest. As many pages go out as there is room for; the others
 * stay, with their sptes, and come and go as room does.
 */
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/pagemap.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define PAGES 512
#define SWAP_MIB 1
#define ROOM 255	/* pages: the first of the device is its header */
#define TRIES 20

static size_t push_out(struct stage *s)
{
	int tries;

	for (tries = 0; tries < TRIES; tries++) {
		swap_out_once(s->slot->hva, PAGES);
		if (pagemap_count_swapped(s->slot->hva, PAGES) == ROOM)
			break;
	}
	return pagemap_count_swapped(s->slot->hva, PAGES);
}

static uint64_t swap_free(void)
{
	uint64_t kib = 0;

	require(sysfile_key_u64("/proc/meminfo", "SwapFree:", &kib), "no SwapFree in /proc/meminfo");
	return kib / 4;
}

/* Exactly those pages have lost their sptes that found room. */
static void fill_swap(struct stage *s, const char *what)
{
	struct page_state state[PAGES];
	bool out[PAGES];
	size_t page, swapped = push_out(s);

	require(swapped == ROOM, "%zu pages are swapped, with room for %d", swapped, ROOM);
	expect(!swap_free(), "%lu pages of swap are free", swap_free());
	pagemap_read(s->slot->hva, state, PAGES);
	for (page = 0; page < PAGES; page++) {
		out[page] = state[page].swapped;
		expect(state[page].swapped || state[page].present, "page %zu is nowhere", page);
	}
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = PAGES, .only = out, .zapped = ROOM,
	});
}

static void full(void)
{
	struct stage s;

	swap_need_none();
	swap_on(SWAP_MIB);
	stage_set(&s, PAGES);
	fill_swap(&s, "swap is full");
	swap_out_once(s.slot->hva, PAGES);
	witness_step(&s.witness, "no more gets out", &(struct step){ 0 });
	stage_read(&s, "guest reads all", 0, PAGES, 1, ROOM);
	require(!guest_fill(s.vcpu, s.slot, 0, PAGES, 2), "the guest cannot write");
	/* What came back by a read may be in the swap cache still, and is copied then (5.10). */
	witness_step(&s.witness, "guest writes all", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .racing = true,
		.partial = true,
	});
	fill_swap(&s, "swap is full again");
	stage_read(&s, "guest reads all again", 0, PAGES, 2, ROOM);
}

const struct test test = {
	.name = "full",
	.group = "swap",
	.proves = "where swap has no room a guest's pages stay, mapped and unharmed",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "full", full },
	},
};
