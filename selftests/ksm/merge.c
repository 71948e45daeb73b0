// SPDX-License-Identifier: GPL-2.0-only
/*
 * KSM merges equal pages of two guests and of a process that runs none. All three read the one page
 * that is left, the guests by read-only sptes; who writes gets a copy, and nobody else sees it.
 */
#include <stdlib.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/peer.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 32
#define WRITTEN 8	/* of them: the first page of the part that guest A writes */
#define WRITES 11
#define TAG 1		/* of the pattern: the same in all processes */

/* Process A is the case itself, B has a guest as well, C only the memory. Each has one of these. */
static struct vm vm;
static struct memslot *slot;
static struct witness witness;
static void *memory;
static struct peer b, c;

/* Is the ksm flag of a page to be believed? Otherwise pages of equal pfn have to do. */
static bool flag_works;

/* What B and C see of their pages, for A to compare. */
static struct {
	struct page_state b[PAGES], c[PAGES];
} *seen;

static bool is_ksm(const struct page_state *page, bool expected)
{
	return flag_works ? page->ksm : expected;
}

static void make_guest(void)
{
	vm_create(&vm, 1);
	memory = memory_alloc(PAGES);
	slot = vm_add_memslot(&vm, memory, PAGES);
	slot->tag = TAG;
}

static void fill_by_guest(void)
{
	require(!guest_fill(&vm.vcpu[0], slot, 0, PAGES, 1), "the guest cannot write");
	witness_step(&witness, "guest writes", &(struct step){ .faulted = PAGES });
	ksm_register(memory, PAGES);
}

static void b_set_up(void)
{
	make_guest();
	witness_open_counters(&witness, &vm);
	fill_by_guest();
}

static void c_set_up(void)
{
	memory = memory_alloc(PAGES);
	memory_fill(memory, memory_key(TAG, 1), 0, PAGES);
	ksm_register(memory, PAGES);
}

static void b_expect_merged(void)
{
	pagemap_read(memory, seen->b, PAGES);
	witness_step(&witness, "B: KSM merges", &(struct step){ .zapped = PAGES });
}

static void c_look(void)
{
	pagemap_read(memory, seen->c, PAGES);
}

/* One page behind each of the three mappings, and KSM's. */
static void expect_merged(void)
{
	struct page_state a[PAGES];
	size_t i;

	peer_call(&b, b_expect_merged);
	peer_call(&c, c_look);
	pagemap_read(memory, a, PAGES);
	for (i = 0; i < PAGES; i++)
		expect(is_ksm(&a[i], true) && a[i].pfn == seen->b[i].pfn && a[i].pfn == seen->c[i].pfn,
		       "page %zu is not merged: pfn %#lx (A), %#lx (B), %#lx (C)", i, a[i].pfn,
		       seen->b[i].pfn, seen->c[i].pfn);
}

/*
 * The guest has merged pages by read-only sptes, and they are those of B and C; what it wrote it has by
 * writable ones, and they are neither's.
 */
static void expect_sptes(const char *what, size_t first, size_t count, bool shared)
{
	struct spte_view views[PAGES];
	size_t page;

	sptes_expect(slot, first, count, shared ? SPTES_READ_ONLY : SPTES_WRITABLE, what);
	if (!sptes_read(slot, 0, PAGES, views))
		return;
	for (page = first; page < first + count; page++)
		expect((views[page].pfn == seen->b[page].pfn) == shared &&
		       (views[page].pfn == seen->c[page].pfn) == shared,
		       "%s: the spte of page %zu has pfn %#lx, B has %#lx, C has %#lx", what, page,
		       views[page].pfn, seen->b[page].pfn, seen->c[page].pfn);
}

static void set_up_merged(void)
{
	seen = shared_alloc(sizeof(*seen));
	flag_works = pagemap_knows_ksm();
	ksm_prepare();
	peer_start(&b, "process B");
	peer_start(&c, "process C");
	make_guest();
	witness_open(&witness, &vm);
	fill_by_guest();
	peer_call(&b, b_set_up);
	peer_call(&c, c_set_up);

	ksm_merge();
	witness_step(&witness, "A: KSM merges", &(struct step){
		.event = NOTIFY_CLEAR, .hva = memory, .pages = PAGES, .zapped = PAGES,
	});
	expect_merged();
}

static void guest_reads(const char *what, size_t faulted)
{
	guest_check(&vm.vcpu[0], slot, 0, PAGES, 1);
	witness_step(&witness, what, &(struct step){ .faulted = faulted });
	memory_check("host", memory, memory_key(TAG, 1), 0, PAGES);
}

static void b_reads_first(void)
{
	guest_reads("B: guest reads merged pages", PAGES);
}

static void b_reads_again(void)
{
	expect_sptes("B: guest reads merged pages", 0, PAGES, true);
	guest_reads("B: guest reads again", 0);
	pagemap_read(memory, seen->b, PAGES);
}

static void c_reads(void)
{
	memory_check("process C", memory, memory_key(TAG, 1), 0, PAGES);
	c_look();
}

static void merge(void)
{
	set_up_merged();
	guest_reads("A: guest reads merged pages", PAGES);
	guest_reads("A: guest reads again", 0);
	expect_sptes("A: guest reads merged pages", 0, PAGES, true);
	peer_call(&b, b_reads_first);
	peer_call(&b, b_reads_again);
	peer_call(&c, c_reads);
	witness_step(&witness, "A: the others read", &(struct step){ 0 });
}

/* A's written pages are its own now, the rest is still the one page of all three. */
static void expect_part_of_a_alone(void)
{
	struct page_state a[PAGES];
	bool own;
	size_t i;

	pagemap_read(memory, a, PAGES);
	for (i = 0; i < PAGES; i++) {
		own = i >= WRITTEN && i < WRITTEN + WRITES;
		expect(a[i].present && own == (a[i].pfn != seen->b[i].pfn) && own == !is_ksm(&a[i], !own),
		       "page %zu of A: pfn %#lx, B has %#lx, ksm %d", i, a[i].pfn, seen->b[i].pfn,
		       a[i].ksm);
		expect(is_ksm(&seen->b[i], true) && seen->b[i].pfn == seen->c[i].pfn,
		       "page %zu of B and C is no longer one", i);
	}
}

static void write_after_merge(void)
{
	set_up_merged();
	guest_reads("A: guest reads merged pages", PAGES);
	peer_call(&b, b_reads_first);

	guest_fill(&vm.vcpu[0], slot, WRITTEN, WRITES, 2);
	witness_step(&witness, "A: guest writes merged pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES, .faulted = WRITES,
	});
	expect_sptes("A: guest writes merged pages", WRITTEN, WRITES, false);
	expect_sptes("A: pages before the written", 0, WRITTEN, true);
	guest_check(&vm.vcpu[0], slot, 0, WRITTEN, 1);
	guest_check(&vm.vcpu[0], slot, WRITTEN, WRITES, 2);
	guest_check(&vm.vcpu[0], slot, WRITTEN + WRITES, PAGES - WRITTEN - WRITES, 1);
	memory_check("host of A", memory, memory_key(TAG, 2), WRITTEN, WRITES);
	witness_step(&witness, "A: guest reads", &(struct step){ 0 });

	peer_call(&b, b_reads_again);
	peer_call(&c, c_reads);
	expect_part_of_a_alone();
}

static void unmerge(void)
{
	struct page_state a[PAGES];
	size_t i;

	set_up_merged();
	guest_reads("A: guest reads merged pages", PAGES);
	peer_call(&b, b_reads_first);

	ksm_unmerge(memory, PAGES);
	witness_step(&witness, "A: unmerge", &(struct step){
		.event = NOTIFY_CLEAR, .hva = memory, .pages = PAGES, .zapped = PAGES,
	});
	guest_reads("A: guest reads its own pages", PAGES);
	peer_call(&b, b_reads_again);
	peer_call(&c, c_reads);
	pagemap_read(memory, a, PAGES);
	for (i = 0; i < PAGES; i++)
		expect(!is_ksm(&a[i], false) && a[i].pfn != seen->b[i].pfn &&
		       is_ksm(&seen->b[i], true) && seen->b[i].pfn == seen->c[i].pfn,
		       "page %zu: pfn %#lx in A, %#lx in B, %#lx in C", i, a[i].pfn, seen->b[i].pfn,
		       seen->c[i].pfn);
}

static void b_expect_unmerged(void)
{
	witness_step(&witness, "B: unmerge of all", &(struct step){ .zapped = PAGES });
	guest_reads("B: guest reads its own pages", PAGES);
	pagemap_read(memory, seen->b, PAGES);
}

static void unmerge_all(void)
{
	struct page_state a[PAGES];
	size_t i;

	set_up_merged();
	guest_reads("A: guest reads merged pages", PAGES);
	peer_call(&b, b_reads_first);

	ksm_unmerge_all();
	witness_step(&witness, "A: unmerge of all", &(struct step){
		.event = NOTIFY_CLEAR, .hva = memory, .pages = PAGES, .zapped = PAGES,
	});
	guest_reads("A: guest reads its own pages", PAGES);
	peer_call(&b, b_expect_unmerged);
	peer_call(&c, c_reads);
	pagemap_read(memory, a, PAGES);
	for (i = 0; i < PAGES; i++)
		expect(a[i].pfn != seen->b[i].pfn && a[i].pfn != seen->c[i].pfn &&
		       seen->b[i].pfn != seen->c[i].pfn, "page %zu is still shared", i);
}

const struct test test = {
	.name = "merge",
	.group = "ksm",
	.proves = "guests read what KSM merged, each once refaulted, and a write stays with its writer",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "merge", merge },
		{ "write", write_after_merge },
		{ "unmerge", unmerge },
		{ "unmerge-all", unmerge_all },
	},
};
