// SPDX-License-Identifier: GPL-2.0-only
/*
 * The block of the machine's memory that holds a guest's pages is taken away. All of them move, with none
 * of the guest's data lost, also while it writes; the block comes back, and pages may move into it again.
 */
#include <string.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/mailbox.h"
#include "lib/memory-block.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"

#define PAGES_MAX 2048
#define IDLE 2000	/* iterations of the writing guest between writes */

static unsigned long block;	/* that goes offline */

/* How many pages are in the block, and which. */
static size_t in_block(const struct stage *s, bool *is_in)
{
	static struct page_state now[PAGES_MAX];
	size_t count = 0;

	pagemap_read(s->slot->hva, now, s->slot->pages);
	for (size_t i = 0; i < s->slot->pages; i++) {
		is_in[i] = now[i].present && memory_block_of(now[i].pfn) == block;
		count += is_in[i];
	}
	return count;
}

/* On node 1, whose memory is movable; the block is that of the first page. */
static void set_up(struct stage *s, void *memory, size_t pages, size_t granule)
{
	struct page_state state;
	int node[2];

	require(pages <= PAGES_MAX, "a memslot of %zu pages", pages);
	numa_nodes(node);
	numa_bind(memory, pages, node[1]);
	stage_set_over(s, memory, pages, granule);
	pagemap_read(s->slot->hva, &state, 1);
	block = memory_block_of(state.pfn);
}

static void go_offline(struct stage *s)
{
	static bool is_in[PAGES_MAX];
	const size_t pages = s->slot->pages, count = in_block(s, is_in);

	require(count, "no page of the guest is in block %lu", block);
	memory_block_offline(block);
	witness_step(&s->witness, "the block goes offline", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = pages, .only = is_in, .zapped = count,
	});
	stage_read(s, "guest reads", 0, pages, 1, count);
	expect(!in_block(s, is_in), "pages are still in block %lu", block);
	memory_block_online(block);
	witness_step(&s->witness, "the block is back", &(struct step){ 0 });
}

static void small(void)
{
	struct stage s;

	/* A pool is spread over all nodes: half of it is on node 1, and as much is left elsewhere. */
	if (backing()->granule > 1)
		hugetlb_reserve(backing()->granule, 4 * backing()->pages / backing()->granule);
	backing_alloc(&s.memory, backing()->pages);
	set_up(&s, s.memory.hva, s.memory.pages, backing()->granule);
	go_offline(&s);
}

static void huge(void)
{
	struct stage s;

	set_up(&s, thp_alloc(THP_PAGES), THP_PAGES, THP_PAGES);
	if (thp_count(s.slot->hva) != THP_PAGES)
		skip_case("the host gave no huge page");
	go_offline(&s);
	sptes_expect_level(s.slot, 0, THP_PAGES, 2, "the huge page moved as one");
}

static void written(void)
{
	static bool is_in[PAGES_MAX];
	const size_t pages = 64;
	struct stage s;
	int result;

	set_up(&s, memory_alloc(pages), pages, 1);
	in_block(&s, is_in);
	guest_spin_write_start(s.vcpu, s.slot, 0, pages, IDLE);
	require(guest_spin_wait(s.vcpu), "the guest stands still");
	memory_block_offline(block);
	require(guest_spin_wait(s.vcpu), "the guest stands still without the block");
	memory_block_online(block);
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	witness_step(&s.witness, "offline under a writing guest", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = pages, .only = is_in, .racing = true,
	});
	guest_spin_expect_written(s.vcpu, s.slot);
	expect(!in_block(&s, is_in), "pages are still in block %lu", block);
}

#define BACKINGS (BACKING_ANON | BACKING_MEMFD | BACKING_HUGETLB)

const struct test test = {
	.name = "offline",
	.group = "migrate",
	.proves = "a guest's pages leave memory that goes offline, whole and without an spte left behind",
	.needs = { .kvm = true, .memory_mib = 96, .nodes = 2,
		   .files = { MEMORY_BLOCKS "block_size_bytes" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.destructive = true,
	.cases = {
		{ "small", small, .backings = BACKINGS },
		{ "huge", huge, { .files = { THP_KNOBS "enabled" } } },
		{ "written", written, { .cpus = 2 } },
	},
};
