// SPDX-License-Identifier: GPL-2.0-only
/*
 * The negative control: guest pages that somebody in the kernel holds do not move. They are neither
 * merged nor swapped nor migrated, and fork() gives the child copies of them at once; the rest of the
 * guest goes as ever, and they too once they are let go.
 */
#include "lib/check.h"
#include "lib/child.h"
#include "lib/guest.h"
#include "lib/ksm.h"
#include "lib/lru.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/pagemap.h"
#include "lib/pin.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/test.h"

#define PAGES 64
#define FIRST 24	/* of the pinned ones */
#define PINNED 16
#define BEHIND (FIRST + PINNED)
#define SWAP_MIB 32

static struct stage s;
static struct pin pin;
static struct page_state pages[PAGES];	/* when they were pinned */

static void set_up(void (*take)(struct pin *, void *, size_t))
{
	stage_set(&s, PAGES);
	lru_drain();
	take(&pin, slot_page(s.slot, FIRST), PINNED);
	pagemap_read(s.slot->hva, pages, PAGES);
	witness_step(&s.witness, "some pages are pinned", &(struct step){ 0 });
}

static void expect_gone(const char *what, size_t first, size_t count)
{
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, first), .pages = count, .zapped = count,
	});
}

/* The pinned pages are the ones that they were, for owner and guest. */
static void expect_same(const char *what)
{
	struct page_state now[PINNED];
	struct spte_view views[PINNED];
	bool seen = sptes_read(s.slot, FIRST, PINNED, views);

	pagemap_read(slot_page(s.slot, FIRST), now, PINNED);
	for (size_t i = 0; i < PINNED; i++) {
		expect(now[i].present && now[i].pfn == pages[FIRST + i].pfn,
		       "%s: page %zu was %#lx and pinned, is %#lx", what, FIRST + i, pages[FIRST + i].pfn,
		       now[i].pfn);
		expect(!seen || (views[i].mapped && views[i].pfn == pages[FIRST + i].pfn),
		       "%s: the spte of page %zu has pfn %#lx, pinned is %#lx", what, FIRST + i,
		       views[i].pfn, pages[FIRST + i].pfn);
	}
}

/*
 * What was done to `count` pages from `first` on spared the pinned ones. The guest may have lost their
 * sptes, as notifiers hear of what is only tried, but it finds the same pages again.
 */
static void expect_kept(const char *what, size_t first, size_t count)
{
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, first), .pages = count, .racing = true,
		.partial = true,
	});
	guest_check(s.vcpu, s.slot, first, count, 1);
	witness_step(&s.witness, "guest reads them", &(struct step){ .racing = true });
	stage_read(&s, "all read them", first, count, 1, 0);
	expect_same(what);
}

static void page_out(size_t first, size_t count)
{
	swap_out(slot_page(s.slot, first), count);
	expect_gone("MADV_PAGEOUT", first, count);
}

static void swap_others(void (*take)(struct pin *, void *, size_t))
{
	swap_on(SWAP_MIB);
	set_up(take);
	for (int i = 0; i < 2; i++)
		swap_out_once(slot_page(s.slot, FIRST), PINNED);
	expect_kept("MADV_PAGEOUT of pinned pages", FIRST, PINNED);
	page_out(0, FIRST);
	page_out(BEHIND, PAGES - BEHIND);
	pin_release(&pin);
	page_out(FIRST, PINNED);
	stage_read(&s, "all read what was swapped", 0, PAGES, 1, PAGES);
}

static void move(size_t first, size_t count, int node)
{
	numa_move_pages(slot_page(s.slot, first), count, node);
	expect_gone("move_pages", first, count);
	numa_expect(slot_page(s.slot, first), count, node, "move_pages");
}

static void migrate_others(void (*take)(struct pin *, void *, size_t))
{
	int node[2], at[PAGES];

	numa_nodes(node);
	set_up(take);
	numa_where(s.slot->hva, PAGES, at);
	/* All of them go to where they are not. */
	for (size_t i = 1; i < PAGES; i++)
		require(at[i] == at[0], "the guest's pages are on several nodes");
	if (at[0] == node[1])
		node[1] = node[0];
	numa_move_racing(slot_page(s.slot, FIRST), PINNED, node[1]);
	expect_kept("move_pages of pinned pages", FIRST, PINNED);
	move(0, FIRST, node[1]);
	move(BEHIND, PAGES - BEHIND, node[1]);
	pin_release(&pin);
	move(FIRST, PINNED, node[1]);
	stage_read(&s, "all read what was moved", 0, PAGES, 1, PAGES);
}

/* A twin of each page, for KSM to find. */
static void *make_twins(void)
{
	void *twins = memory_alloc(PAGES);

	memory_fill(twins, memory_key(s.slot->tag, 1), 0, PAGES);
	ksm_register(twins, PAGES);
	return twins;
}

static void expect_twins(const void *twins, size_t first, size_t count, bool merged)
{
	struct page_state one[PAGES], other[PAGES];

	pagemap_read(s.slot->hva, one, PAGES);
	pagemap_read(twins, other, PAGES);
	for (size_t i = first; i < first + count; i++)
		expect((one[i].pfn == other[i].pfn) == merged, "page %zu: pfn %#lx, its twin has %#lx", i,
		       one[i].pfn, other[i].pfn);
}

static void merge_others(void (*take)(struct pin *, void *, size_t))
{
	void *twins;

	ksm_prepare();
	set_up(take);
	twins = make_twins();
	ksm_register(s.slot->hva, PAGES);
	ksm_merge();
	expect_kept("KSM with pinned pages", 0, PAGES);
	expect_twins(twins, 0, FIRST, true);
	expect_twins(twins, FIRST, PINNED, false);
	expect_twins(twins, BEHIND, PAGES - BEHIND, true);
	pin_release(&pin);
	ksm_merge();
	expect_twins(twins, 0, PAGES, true);
	expect_gone("KSM once they are let go", FIRST, PINNED);
	stage_read(&s, "all read what was merged", 0, PAGES, 1, PINNED);
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "all read what was merged");
}

static void swapped(void)
{
	swap_others(pin_by_io_uring);
}

static void swapped_but_piped(void)
{
	swap_others(pin_by_pipe);
}

static void migrated(void)
{
	migrate_others(pin_by_io_uring);
}

static void migrated_but_piped(void)
{
	migrate_others(pin_by_pipe);
}

static void merged(void)
{
	merge_others(pin_by_io_uring);
}

static void merged_but_piped(void)
{
	merge_others(pin_by_pipe);
}

/* What a device writes must be the owner's, so the child gets copies (page_needs_cow_for_dma()). */
static void forked(void)
{
	set_up(pin_by_io_uring);
	child_fork(s.slot);
	child_step(&s.witness, "fork", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	child_expect_own("fork", FIRST, PINNED);
	stage_write(&s, "guest writes pinned pages", FIRST, PINNED, 2, PINNED);
	expect_same("fork");
	child_check(0, PAGES, 1);
	child_end();
	pin_release(&pin);
}

const struct test test = {
	.name = "buffers",
	.group = "pinned",
	.proves = "pinned guest pages are not merged, swapped or migrated, and fork copies them at once",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "swap", swapped, { .swap = true } },
		{ "swap-pipe", swapped_but_piped, { .swap = true } },
		{ "migrate", migrated, { .nodes = 2 } },
		{ "migrate-pipe", migrated_but_piped, { .nodes = 2 } },
		{ "ksm", merged, { .ksm = true } },
		{ "ksm-pipe", merged_but_piped, { .ksm = true } },
		{ "fork", forked },
	},
};
