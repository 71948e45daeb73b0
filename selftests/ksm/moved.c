// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of merged pages next: they go to swap, to another node, into a child of the owner. All
 * who have such a page are found by KSM's own way from the page to them (rmap_walk_ksm()), each spte
 * goes with it, and who writes still writes for itself.
 */
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm-guest.h"
#include "lib/ksm.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/pagemap.h"
#include "lib/peer.h"
#include "lib/swap-cache.h"
#include "lib/swap.h"
#include "lib/test.h"

/*
 * In each of two memslots. 5.10 counts the pages on a cgroup's lists in batches of 32 for each CPU
 * (MEMCG_CHARGE_BATCH): reclaim does not see a list much shorter than that.
 */
#define PAGES 128
#define ALL (2 * PAGES)
#define FIRST 9
#define COUNT 7
#define SWAP_MIB 16
#define TRIES 100

static struct ksm_guest guest;

static void expect_all_zapped(const char *what)
{
	witness_step(&guest.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = ALL, .zapped = ALL,
	});
}

/* The guest writes version 2 to pages of the first half, all of which are mapped read-only. */
static void guest_writes(const char *what)
{
	require(!guest_fill(guest.vcpu, guest.slot[0], FIRST, COUNT, 2), "the guest cannot write");
	witness_step(&guest.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(guest.slot[0], FIRST), .pages = COUNT,
		.zapped = COUNT, .faulted = COUNT,
	});
}

static void check_written(void)
{
	const size_t end = FIRST + COUNT;

	guest_check(guest.vcpu, guest.slot[0], 0, FIRST, 1);
	guest_check(guest.vcpu, guest.slot[0], FIRST, COUNT, 2);
	guest_check(guest.vcpu, guest.slot[0], end, PAGES - end, 1);
	guest_check(guest.vcpu, guest.slot[1], 0, PAGES, 1);
	memory_check("host", guest.slot[0]->hva, memory_key(guest.slot[0]->tag, 2), FIRST, COUNT);
	memory_check("host", guest.slot[1]->hva, memory_key(guest.slot[1]->tag, 1), 0, PAGES);
}

/* MADV_PAGEOUT leaves pages alone that several mappings have; reclaim does not. */
static void swapped(void)
{
	int tries;

	swap_on(SWAP_MIB);
	swap_cache_prepare();
	ksm_guest_create(&guest, PAGES);
	swap_cache_allow(guest.memory, ALL);
	ksm_guest_fill(&guest);
	ksm_guest_merge(&guest);
	ksm_guest_read(&guest, "guest reads merged pages", ALL);
	for (tries = 0; tries < TRIES && pagemap_count_swapped(guest.memory, ALL) < ALL; tries++)
		swap_cache_drop();
	require(pagemap_count_swapped(guest.memory, ALL) == ALL, "only %zu of %d merged pages are swapped",
		pagemap_count_swapped(guest.memory, ALL), ALL);
	expect_all_zapped("merged pages go to swap");
	ksm_guest_read(&guest, "guest reads them", ALL);
	guest_fill(guest.vcpu, guest.slot[0], FIRST, COUNT, 2);
	witness_step(&guest.witness, "guest writes some", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(guest.slot[0], FIRST), .pages = COUNT,
		.racing = true, .partial = true,
	});
	check_written();
}

/* One of each pair is named, and both go. */
static void move_first_half(int node)
{
	lru_drain();
	numa_move_pages(guest.slot[0]->hva, PAGES, node);
}

static void migrated(void)
{
	ksm_guest_create_merged(&guest, PAGES);
	for (int node = 1; node >= 0; node--) {
		move_first_half(node);
		expect_all_zapped(node ? "move to node 1" : "move to node 0");
		ksm_guest_expect_merged(&guest, "move", 0, PAGES, true);
		ksm_guest_read(&guest, "guest reads pages that moved", ALL);
	}
	guest_writes("guest writes pages that moved");
	check_written();
}

static void child_reads(void)
{
	memory_check("child", guest.memory, memory_key(guest.slot[0]->tag, 1), 0, PAGES);
	memory_check("child", guest.slot[1]->hva, memory_key(guest.slot[1]->tag, 1), 0, PAGES);
}

static void child_writes(void)
{
	memory_fill(guest.memory, memory_key(guest.slot[0]->tag, 3), 0, PAGES);
	memory_check("child", guest.slot[1]->hva, memory_key(guest.slot[1]->tag, 1), 0, PAGES);
}

static void child_reads_own(void)
{
	memory_check("child", guest.memory, memory_key(guest.slot[0]->tag, 3), 0, PAGES);
}

/* They are write-protected already: fork says so once more, and only another sharer comes. */
static void forked(void)
{
	struct peer child;

	ksm_guest_create_merged(&guest, PAGES);
	peer_start(&child, "the child");
	witness_step(&guest.witness, "fork", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = guest.memory, .pages = ALL, .zapped = ALL,
	});
	peer_call(&child, child_reads);
	ksm_guest_read(&guest, "guest reads what the child has as well", ALL);
	guest_writes("guest writes it");
	peer_call(&child, child_reads);
	peer_call(&child, child_writes);
	witness_step(&guest.witness, "child writes", &(struct step){ 0 });
	check_written();
	peer_call(&child, child_reads_own);
}

const struct test test = {
	.name = "moved",
	.group = "ksm",
	.proves = "merged pages that are swapped, migrated or forked take all their sptes along",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "swapped", swapped, { .swap = true } },
		{ "migrated", migrated, { .files = { "/sys/devices/system/node/node1" } } },
		{ "forked", forked },
	},
};
