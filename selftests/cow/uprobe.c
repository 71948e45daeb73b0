// SPDX-License-Identifier: GPL-2.0-only
/*
 * A debugger sets breakpoints in a file that is mapped to be executed, and that mapping is a guest's
 * memory. The guest reads the breakpoint as soon as it is there and the file's own instruction when it is
 * gone, whatever pages the kernel puts there for that.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/known-callers.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/uprobe.h"
#include "lib/witness.h"

#define PAGES 32
#define FIRST 9		/* page with a breakpoint */
#define PROBED 2	/* pages with one */
#define BESIDE 16	/* where in its page a second breakpoint is */
#define NOPS (UPROBE_NOP * (UINT64_MAX / 0xff))
#define PROBED_WORD (NOPS - UPROBE_NOP + UPROBE_BREAKPOINT)	/* the first byte is a breakpoint */

struct stage {
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot;
	struct witness witness;
	int file;
};

static void set_up(struct stage *s)
{
	void *memory;

	s->file = memfd_create("code", MFD_CLOEXEC);
	require(s->file >= 0 && !ftruncate(s->file, PAGES * GUEST_PAGE), "memfd_create: %s",
		strerror(errno));
	memory = memory_map_file(s->file, PAGES);
	memset(memory, UPROBE_NOP, PAGES * GUEST_PAGE);
	memory_free(memory, PAGES);
	memory = memory_map_private(s->file, PAGES);
	require(!mprotect(memory, PAGES * GUEST_PAGE, PROT_READ | PROT_EXEC), "mprotect: %s",
		strerror(errno));
	lru_drain();
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory, PAGES);
	witness_open(&s->witness, &s->vm);
}

/* The guest finds `probed` in the first word of the pages with a breakpoint, nops in all others. */
static void expect_words(struct stage *s, const char *what, uint64_t probed, size_t faulted)
{
	uint64_t value, expected;

	for (size_t page = 0; page < PAGES; page++) {
		expected = page >= FIRST && page < FIRST + PROBED ? probed : NOPS;
		require(!guest_read(s->vcpu, s->slot, page, &value), "the guest cannot read page %zu", page);
		expect(value == expected, "%s: the guest reads %#lx on page %zu, not %#lx", what, value,
		       page, expected);
		expect(*(uint64_t *)slot_page(s->slot, page) == expected,
		       "%s: the owner reads %#lx on page %zu, not %#lx", what,
		       *(uint64_t *)slot_page(s->slot, page), page, expected);
	}
	witness_step(&s->witness, what, &(struct step){ .faulted = faulted });
	sptes_expect(s->slot, 0, PAGES, SPTES_READ_ONLY, what);
}

/* By invalidations that begin `skew` bytes behind the pages; so the page behind the last one goes, too. */
static void expect_replaced_skewed(struct stage *s, const char *what, size_t zapped, size_t skew)
{
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = (char *)slot_page(s->slot, FIRST) + skew, .pages = PROBED,
		.zapped = zapped + !!skew,
	});
}

static void expect_replaced(struct stage *s, const char *what, size_t zapped)
{
	expect_replaced_skewed(s, what, zapped, 0);
}

/* At that offset of each of the pages. */
static void set_each(struct stage *s, int probes[PROBED], size_t offset)
{
	for (size_t i = 0; i < PROBED; i++)
		probes[i] = uprobe_set(s->file, (FIRST + i) * GUEST_PAGE + offset);
}

/* Newer kernels give the file its page back only if nobody else holds the copy, as a per-CPU batch does. */
static void remove_one(int probe)
{
	lru_drain();
	close(probe);
}

static void remove_each(const int probes[PROBED])
{
	for (size_t i = 0; i < PROBED; i++)
		remove_one(probes[i]);
}

static void set_and_removed(void)
{
	struct page_state before[PAGES], after[PAGES];
	int probes[PROBED];
	struct stage s;

	set_up(&s);
	expect_words(&s, "guest reads the file", NOPS, PAGES);
	pagemap_read(s.slot->hva, before, PAGES);
	set_each(&s, probes, 0);
	expect_replaced(&s, "breakpoints are set", PROBED);
	expect_words(&s, "guest reads the breakpoints", PROBED_WORD, PROBED);
	remove_each(probes);
	expect_replaced(&s, "breakpoints are removed", PROBED);
	expect_words(&s, "guest reads the file again", NOPS, PROBED);
	pagemap_read(s.slot->hva, after, PAGES);
	for (size_t i = 0; i < PAGES; i++)
		expect(before[i].pfn == after[i].pfn, "page %zu is no longer the file's: pfn %#lx, was %#lx",
		       i, after[i].pfn, before[i].pfn);
}

/* So that the host has the file's pages mapped. */
static void owner_reads(struct stage *s)
{
	for (size_t page = 0; page < PAGES; page++)
		expect(*(volatile uint64_t *)slot_page(s->slot, page) == NOPS, "page %zu is not the file's",
		       page);
}

/* The guest never read these pages before. */
static void set_unread(void)
{
	int probes[PROBED];
	struct stage s;

	set_up(&s);
	owner_reads(&s);
	set_each(&s, probes, 0);
	expect_replaced(&s, "breakpoints are set", 0);
	expect_words(&s, "guest reads the breakpoints", PROBED_WORD, PAGES);
	remove_each(probes);
	expect_replaced(&s, "breakpoints are removed", PROBED);
}

/* A breakpoint that is not at the start of its page takes that page, and no other. */
static void inside_page(void)
{
	int probes[PROBED];
	struct stage s;

	set_up(&s);
	expect_words(&s, "guest reads the file", NOPS, PAGES);
	set_each(&s, probes, BESIDE);
	expect_replaced(&s, "breakpoints are set", PROBED);
	expect_words(&s, "guest reads beside the breakpoints", NOPS, PROBED);
	remove_each(probes);
	expect_replaced(&s, "breakpoints are removed", PROBED);
}

/*
 * The second breakpoint of a page finds a copy there. Kernels with __replace_page() put another one in
 * its place, newer ones write to the one that is there, under the sptes that map it. The first one's
 * removal has to leave the second.
 */
static bool replaces_copies(void)
{
	return known_callers_have("__replace_page");
}

/*
 * Older kernels announce a page from the breakpoint on instead of from the page's start
 * (__replace_page() of 5.10 and 6.1 gets the address as it is), which takes the spte of the next page as
 * well (mended by 4dca82d14174). How many bytes too far, for a breakpoint at BESIDE?
 */
static size_t find_skew(struct stage *s)
{
	struct event_list list;
	size_t skew = 0;

	if (events_missing())
		skip_case("no events to see what the kernel announces: %s", events_missing());
	owner_reads(s);
	remove_one(uprobe_set(s->file, FIRST * GUEST_PAGE + BESIDE));
	list = events_read();
	for (const struct event *e = list.event; e < list.event + list.count; e++)
		if (e->kind == EVENT_START && 
		    e->start / GUEST_PAGE == (uintptr_t)slot_page(s->slot, FIRST) / GUEST_PAGE)
			skew = e->start % GUEST_PAGE;
	events_free(&list);
	if (skew)
		diag("this kernel announces a page with a breakpoint %zu bytes too far", skew);
	return skew;
}

static void two_in_a_page(void)
{
	int probes[PROBED], others[PROBED];
	bool replaces = replaces_copies();
	struct stage s;
	size_t skew;

	set_up(&s);
	skew = find_skew(&s);
	expect_words(&s, "guest reads the file", NOPS, PAGES);
	set_each(&s, others, BESIDE);
	expect_replaced_skewed(&s, "breakpoints are set", PROBED, skew);
	expect_words(&s, "guest reads beside the breakpoints", NOPS, PROBED + !!skew);
	set_each(&s, probes, 0);
	if (replaces)
		expect_replaced(&s, "more breakpoints are set", PROBED);
	else
		witness_step(&s.witness, "more breakpoints are set", &(struct step){ 0 });
	expect_words(&s, "guest reads the breakpoints", PROBED_WORD, replaces ? PROBED : 0);
	remove_each(probes);
	expect_replaced(&s, "the first ones are removed", PROBED);
	expect_words(&s, "guest reads where they were", NOPS, PROBED);
	expect(((unsigned char *)slot_page(s.slot, FIRST))[BESIDE] == UPROBE_BREAKPOINT,
	       "the other breakpoint is gone, too");
	remove_each(others);
	expect_replaced_skewed(&s, "all are removed", PROBED, skew);
}

/* The vCPU does not leave guest mode by itself: what it reads after the call is the breakpoint. */
static void set_while_read(void)
{
	int probes[PROBED], result;
	struct stage s;
	size_t stale;

	set_up(&s);
	expect_words(&s, "guest reads the file", NOPS, PAGES);
	guest_spin_start(s.vcpu, s.slot, FIRST, PROBED, NOPS);
	require(guest_spin_wait(s.vcpu), "the guest stands still");
	set_each(&s, probes, 0);
	guest_spin_epoch(s.vcpu, PROBED_WORD);
	require(guest_spin_wait(s.vcpu), "the guest stands still");
	stale = guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	expect(!stale, "the guest read %zu words without the breakpoint that was set before", stale);
	witness_step(&s.witness, "breakpoints are set under a reading guest", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, FIRST), .pages = PROBED, .racing = true,
	});
	remove_each(probes);
	expect_replaced(&s, "breakpoints are removed", PROBED);
}

const struct test test = {
	.name = "uprobe",
	.group = "cow",
	.proves = "a guest reads a breakpoint in its memory from when it is set until it is removed",
	.needs = { .kvm = true, .memory_mib = 32, .files = { UPROBE_TYPE } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "set-and-removed", set_and_removed },
		{ "set-unread", set_unread },
		{ "inside-page", inside_page },
		{ "two-in-a-page", two_in_a_page },
		{ "set-while-read", set_while_read, { .cpus = 2 } },
	},
};
