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
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES_MAX 2048

struct stage {
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot;
	struct witness witness;
	int node[2];
	struct page_state before[PAGES_MAX];
};

static void set_up(struct stage *s)
{
	struct backed memory;

	numa_nodes(s->node);
	/* A pool is spread over all nodes, half of it here: enough for all pages on either of them. */
	if (backing()->granule > 1)
		hugetlb_reserve(backing()->granule, 2 * backing()->pages / backing()->granule);
	backing_alloc(&memory, backing()->pages);
	require(memory.pages <= PAGES_MAX, "a backing of %zu pages", memory.pages);
	numa_bind(memory.hva, memory.pages, s->node[0]);
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory.hva, memory.pages);
	witness_open(&s->witness, &s->vm);
	guest_fill(s->vcpu, s->slot, 0, s->slot->pages, 1);
	witness_step(&s->witness, "guest writes", &(struct step){ .faulted = s->slot->pages });
	numa_expect(s->slot->hva, s->slot->pages, s->node[0], "mbind, then guest writes");
	pagemap_read(s->slot->hva, s->before, s->slot->pages);
}

/* Every page of the part is another one now, and the sptes say which; all others stayed. */
static void expect_moved(struct stage *s, const char *what, size_t first, size_t count)
{
	static struct page_state now[PAGES_MAX];
	static struct spte_view views[PAGES_MAX];
	size_t wrong = 0, strange = 0;

	pagemap_read(s->slot->hva, now, s->slot->pages);
	for (size_t i = 0; i < s->slot->pages; i++)
		wrong += (now[i].pfn != s->before[i].pfn) != (i >= first && i < first + count);
	expect(!wrong, "%s: %zu pages moved that should not have, or the other way round", what, wrong);
	if (!sptes_read(s->slot, 0, s->slot->pages, views))
		return;
	for (size_t i = 0; i < s->slot->pages; i++)
		strange += !views[i].mapped || views[i].pfn != now[i].pfn;
	expect(!strange, "%s: %zu sptes are not of the page that the host has there", what, strange);
	memcpy(s->before, now, sizeof(now));
}

static void after_move(struct stage *s, const char *what, size_t first, size_t count)
{
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, first), .pages = count, .zapped = count,
	});
	guest_check(s->vcpu, s->slot, 0, first, 1);
	guest_check(s->vcpu, s->slot, first + count, s->slot->pages - first - count, 1);
	witness_step(&s->witness, "guest reads what stayed", &(struct step){ 0 });
	guest_check(s->vcpu, s->slot, first, count, 1);
	witness_step(&s->witness, "guest reads what moved", &(struct step){ .faulted = count });
	expect_moved(s, what, first, count);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 1), 0, s->slot->pages);
}

static void by_move_pages(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	struct stage s;

	set_up(&s);
	for (int i = 1; i >= 0; i--) {
		numa_move_pages(slot_page(s.slot, first), count, s.node[i]);
		after_move(&s, "move_pages", first, count);
	}
}

static void by_mbind(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	struct stage s;

	set_up(&s);
	for (int i = 1; i >= 0; i--) {
		numa_mbind(slot_page(s.slot, first), count, s.node[i]);
		after_move(&s, "mbind", first, count);
	}
}

/* It takes all that the process has on a node: on node 1 that is the part, and no more. */
static void by_migrate_pages(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	struct stage s;

	set_up(&s);
	numa_move_pages(slot_page(s.slot, first), count, s.node[1]);
	after_move(&s, "move_pages", first, count);
	numa_migrate_pages(slot_page(s.slot, first), count, s.node[1], s.node[0]);
	after_move(&s, "migrate_pages", first, count);
}

/* What the guest writes after the move is in the new page. */
static void written_after(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	struct stage s;

	set_up(&s);
	numa_move_pages(slot_page(s.slot, first), count, s.node[1]);
	witness_step(&s.witness, "move_pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, first), .pages = count, .zapped = count,
	});
	guest_fill(s.vcpu, s.slot, first, count, 2);
	witness_step(&s.witness, "guest writes what moved", &(struct step){ .faulted = count });
	expect_moved(&s, "guest writes what moved", first, count);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 2), first, count);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, first);
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
		{ "mbind", by_mbind, .backings = BACKING_HUGETLB, .full_backings = BACKINGS & ~BACKING_HUGETLB },
		{ "migrate_pages", by_migrate_pages, .backings = BACKING_ANON,
		  .full_backings = BACKINGS & ~BACKING_ANON },
		{ "written-after", written_after, .backings = BACKING_ANON,
		  .full_backings = BACKINGS & ~BACKING_ANON },
	},
};
