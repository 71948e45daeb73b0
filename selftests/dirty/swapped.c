// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that are clean for the host, since they were only read, and that the guest writes through sptes
 * which reading made writable: no fault tells the host, only the dirty bit of the spte. The guest has no spte
 * of those that the host reads and writes itself, for which its own pte has to answer. Reclaim drops what it takes for clean, and
 * what was written would be lost.
 */
#include <string.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/stage.h"
#include "lib/swap-cache.h"
#include "lib/swap.h"
#include "lib/test.h"

#define PAGES 128
#define SWAP_MIB 32
#define HOSTS 32	/* pages that the host writes, behind those of the guest */
#define GUESTS (PAGES - HOSTS)
#define TRIES 100

static void expect_swapped(struct stage *s, const char *what, size_t zapped)
{
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = PAGES, .zapped = zapped,
	});
}

/* Each its own part, before either writes. */
static void read_both(struct stage *s, unsigned int version)
{
	stage_read(s, "guest reads them back", 0, GUESTS, version, GUESTS);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, version), GUESTS, HOSTS);
}

static void write_both(struct stage *s, unsigned int version)
{
	require(!guest_fill(s->vcpu, s->slot, 0, GUESTS, version), "the guest cannot write");
	memory_fill(s->slot->hva, memory_key(s->slot->tag, version), GUESTS, HOSTS);
	/* Some kernels map for reading only what is read: a fault for each write, and no spte more. */
	witness_step(&s->witness, "guest and host write", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = PAGES, .racing = true, .partial = true,
	});
	guest_check(s->vcpu, s->slot, 0, GUESTS, version);
}

/* The owner and the guest write each time that the pages are back. */
static void write_and_swap(struct stage *s, void (*out)(void *memory, size_t pages))
{
	for (unsigned int version = 1; version <= 2; version++) {
		out(s->slot->hva, PAGES);
		expect_swapped(s, "pages go to swap", version == 1 ? PAGES : GUESTS);
		read_both(s, version);
		write_both(s, version + 1);
	}
	out(s->slot->hva, PAGES);
	expect_swapped(s, "pages go to swap again", GUESTS);
	stage_read(s, "guest reads what was written last", 0, PAGES, 3, PAGES);
}

/* In the swap cache, as it was read from a disk: what is clean there need not be written to it again. */
static void cached(void)
{
	struct stage s;

	swap_cache_prepare();
	swap_on_disk(SWAP_MIB);
	stage_set(&s, PAGES);
	swap_cache_allow(s.slot->hva, PAGES);
	write_and_swap(&s, swap_out_fully);
}

/*
 * Written each time that they are back, where no copy is left behind in swap: such pages are written out again
 * whatever their dirty bits say (add_to_swap() in mm/swap_state.c). What may not outlive the pte is the spte.
 */
static void again(void)
{
	struct stage s;

	swap_on(SWAP_MIB);
	stage_set(&s, PAGES);
	write_and_swap(&s, swap_out);
}

/* A file's hole that was read has pages of zeros, which nobody has to keep. */
static void read_hole(struct stage *s)
{
	uint64_t seen = 0;

	swap_on(SWAP_MIB);
	backing_alloc(&s->memory, PAGES);
	stage_attach(s, 1);
	witness_open(&s->witness, &s->vm);
	for (size_t page = 0; page < PAGES; page++) {
		if (page < GUESTS)
			require(!guest_read(s->vcpu, s->slot, page, &seen), "the guest cannot read");
		else
			seen = *(volatile uint64_t *)slot_page(s->slot, page);
		expect(!seen, "page %zu of a hole holds %#lx", page, seen);
	}
	witness_step(&s->witness, "guest reads a hole", &(struct step){ .faulted = GUESTS });
	write_both(s, 1);
}

/* The pte of a file's page does not tell that it is swapped; that it is in memory, mincore() tells. */
static void expect_kept(struct stage *s)
{
	int tries;

	for (tries = 0; tries < TRIES && swap_cache_count(s->slot->hva, PAGES); tries++)
		swap_out_once(s->slot->hva, PAGES);
	require(!swap_cache_count(s->slot->hva, PAGES), "%zu of %d pages are in memory after %d tries",
		swap_cache_count(s->slot->hva, PAGES), PAGES, TRIES);
	expect_swapped(s, "pages of the file go to swap", GUESTS);
	stage_read(s, "guest reads them back", 0, PAGES, 1, PAGES);
}

static void hole(void)
{
	struct stage s;

	read_hole(&s);
	expect_kept(&s);
}

/* The page that takes its place has to be as dirty. */
static void hole_migrated(void)
{
	int node[2];
	struct stage s;

	numa_nodes(node);
	read_hole(&s);
	for (int to = 0; to < 2; to++) {
		numa_move_pages(s.slot->hva, PAGES, node[to]);
		witness_step(&s.witness, "migration", &(struct step){
			.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .racing = true,
			.partial = true,
		});
	}
	numa_expect(s.slot->hva, PAGES, node[1], "migration");
	stage_read(&s, "guest reads what migrated", 0, GUESTS, 1, GUESTS);
	expect_kept(&s);
}

const struct test test = {
	.name = "swapped",
	.group = "dirty",
	.proves = "what a guest writes to pages that are clean for the host survives their reclaim",
	.needs = { .kvm = true, .swap = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram", "virtio_blk" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "cached", cached },
		{ "again", again },
		{ "hole", hole, .backings = BACKING_MEMFD, .full_backings = BACKING_TMPFS },
		{ "hole-migrated", hole_migrated, { .nodes = 2 }, .backings = BACKING_MEMFD },
	},
};
