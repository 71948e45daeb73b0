// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host moves a guest's pages to the other NUMA node and back, by each of the system calls for it. The
 * sptes of a page that moves go before the page is copied, and the guest's next touch maps the new one.
 */
#include <string.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"

#define PAGES_MAX 2048

static int node[2];
static size_t first, count;	/* the part that moves */
static struct page_state before[PAGES_MAX];

static void set_up_on(struct stage *s, void *memory, size_t pages, size_t granule)
{
	require(pages <= PAGES_MAX, "a memslot of %zu pages", pages);
	numa_nodes(node);
	numa_bind(memory, pages, node[0]);
	stage_set_over(s, memory, pages, granule);
	numa_expect(s->slot->hva, pages, node[0], "mbind, then guest writes");
	pagemap_read(s->slot->hva, before, pages);
}

static void set_up(struct stage *s)
{
	/* A pool is spread over all nodes, half of it here: enough for all pages on either of them. */
	if (backing()->granule > 1)
		hugetlb_reserve(backing()->granule, 2 * backing()->pages / backing()->granule);
	backing_alloc(&s->memory, backing()->pages);
	first = backing()->middle;
	count = backing()->part;
	set_up_on(s, s->memory.hva, s->memory.pages, backing()->granule);
}

/* Every page of the part is another one now, and the sptes say which; all others stayed. */
static void expect_moved(struct stage *s, const char *what)
{
	static struct page_state now[PAGES_MAX];
	static struct spte_view views[PAGES_MAX];
	size_t wrong = 0, strange = 0;

	pagemap_read(s->slot->hva, now, s->slot->pages);
	for (size_t i = 0; i < s->slot->pages; i++)
		wrong += (now[i].pfn != before[i].pfn) != (i >= first && i < first + count);
	expect(!wrong, "%s: %zu pages moved that should not have, or the other way round", what, wrong);
	memcpy(before, now, sizeof(now));
	if (!sptes_read(s->slot, 0, s->slot->pages, views))
		return;
	for (size_t i = 0; i < s->slot->pages; i++)
		strange += !views[i].mapped || views[i].pfn != now[i].pfn;
	expect(!strange, "%s: %zu sptes are not of the page that the host has there", what, strange);
}

static void moved(struct stage *s, const char *what)
{
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, first), .pages = count,
		.zapped = count,
	});
}

static void guest_reads(struct stage *s, const char *what)
{
	stage_read_others(s, first, count);
	stage_read(s, "guest reads what moved", first, count, 1, count);
	expect_moved(s, what);
}

static void there_and_back(struct stage *s)
{
	for (int i = 1; i >= 0; i--) {
		numa_move_pages(slot_page(s->slot, first), count, node[i]);
		moved(s, "move_pages");
		guest_reads(s, "move_pages");
	}
}

static void by_move_pages(void)
{
	struct stage s;

	set_up(&s);
	there_and_back(&s);
}

static void by_mbind(void)
{
	struct stage s;

	set_up(&s);
	for (int i = 1; i >= 0; i--) {
		numa_mbind(slot_page(s.slot, first), count, node[i]);
		moved(&s, "mbind");
		guest_reads(&s, "mbind");
	}
}

/* It takes all that the process has on a node: on node 1 that is the part, and no more. */
static void by_migrate_pages(void)
{
	struct stage s;

	set_up(&s);
	numa_move_pages(slot_page(s.slot, first), count, node[1]);
	moved(&s, "move_pages");
	guest_reads(&s, "move_pages");
	numa_migrate_pages(slot_page(s.slot, first), count, node[1], node[0]);
	moved(&s, "migrate_pages");
	guest_reads(&s, "migrate_pages");
}

/* What the guest writes after the move is in the new page. */
static void written_after(void)
{
	struct stage s;

	set_up(&s);
	numa_move_pages(slot_page(s.slot, first), count, node[1]);
	moved(&s, "move_pages");
	guest_fill(s.vcpu, s.slot, first, count, 2);
	witness_step(&s.witness, "guest writes what moved", &(struct step){ .faulted = count });
	expect_moved(&s, "guest writes what moved");
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 2), first, count);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, first);
}

/* A transparent huge page moves as one, and stays one. */
static void huge(void)
{
	const size_t pages = 2 * THP_PAGES;
	struct stage s;

	first = count = THP_PAGES;
	set_up_on(&s, thp_alloc(pages), pages, THP_PAGES);
	if (thp_count(s.slot->hva) != pages)
		skip_case("the host gave huge pages for %zu of %zu pages only", thp_count(s.slot->hva),
			  pages);
	there_and_back(&s);
	sptes_expect_level(s.slot, 0, pages, 2, "move_pages there and back");
	expect(thp_count(s.slot->hva) == pages, "only %zu of %zu pages are in huge pages after the moves",
	       thp_count(s.slot->hva), pages);
}

#define BACKINGS (BACKING_ANON | BACKING_MEMFD | BACKING_HUGETLB | BACKING_FILE)

const struct test test = {
	.name = "nodes",
	.group = "migrate",
	.proves = "a page that moves to another node has no spte meanwhile, and then one of the new page",
	.needs = { .kvm = true, .memory_mib = 64, .nodes = 2 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "move_pages", by_move_pages, .backings = BACKINGS },
		{ "huge", huge, { .files = { THP_KNOBS "enabled" } } },
		{ "mbind", by_mbind, .backings = BACKING_HUGETLB,
		  .full_backings = BACKINGS & ~BACKING_HUGETLB },
		{ "migrate_pages", by_migrate_pages, .backings = BACKING_ANON,
		  .full_backings = BACKINGS & ~BACKING_ANON },
		{ "written-after", written_after, .backings = BACKING_ANON,
		  .full_backings = BACKINGS & ~BACKING_ANON },
	},
};
