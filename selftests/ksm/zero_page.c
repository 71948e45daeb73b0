// SPDX-License-Identifier: GPL-2.0-only
/*
 * With use_zero_pages KSM maps the kernel's one page of zeros for the zeros that a guest wrote. The
 * guest reads it by read-only sptes, gets a page of its own by a write, and leaves no reference
 * behind, however often it comes and goes: the count would overflow one day (7df003c85218).
 */
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/ksm-guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/page-count.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define PAGES 32	/* in each of two memslots */
#define ALL (2 * PAGES)
#define FIRST 7
#define COUNT 11
#define LOOPS 4
#define KSM "/sys/kernel/mm/ksm/"

static struct ksm_guest guest;

/* Any private page that was only read is the zero page. */
static uint64_t zero_pfn(void)
{
	static uint64_t pfn;
	struct page_state state;
	volatile char *page;

	if (pfn)
		return pfn;
	page = memory_alloc(1);
	require(!page[0], "fresh memory is not zero");
	pagemap_read((void *)page, &state, 1);
	memory_free((void *)page, 1);
	require(state.present, "a page that was read is not there");
	pfn = state.pfn;
	return pfn;
}

static void expect_zero_page(const char *what, size_t first, size_t count, bool expected)
{
	struct page_state state[ALL];
	size_t page;

	pagemap_read(guest.memory, state, ALL);
	for (page = first; page < first + count; page++)
		expect(state[page].present && expected == (state[page].pfn == zero_pfn()),
		       "%s: page %zu has pfn %#lx, the zero page is %#lx", what, page, state[page].pfn,
		       zero_pfn());
}

static void guest_writes_zeros(const char *what, const struct step *step)
{
	for (int half = 0; half < 2; half++)
		require(!guest_write_each(guest.vcpu, guest.slot[half], 0, PAGES, 0),
			"the guest cannot write");
	witness_step(&guest.witness, what, step);
}

static void guest_reads_zeros(const char *what, size_t faulted)
{
	uint64_t value = 0;
	size_t page;

	for (page = 0; page < ALL; page++) {
		require(!guest_read(guest.vcpu, guest.slot[page / PAGES], page % PAGES, &value),
			"the guest cannot read");
		expect(!value, "guest reads %#lx in page %zu of zeros", value, page);
	}
	witness_step(&guest.witness, what, &(struct step){ .faulted = faulted });
}

static void merge(void)
{
	ksm_merge();
	witness_step(&guest.witness, "KSM merges zeros", &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = ALL, .zapped = ALL,
	});
	expect_zero_page("KSM merges zeros", 0, ALL, true);
}

static void set_up_merged(void)
{
	ksm_guest_create(&guest, PAGES);
	knob_set(KSM "use_zero_pages", "1");
	guest_writes_zeros("guest writes zeros", &(struct step){ .faulted = ALL });
	expect_zero_page("guest writes zeros", 0, ALL, false);
	merge();
	guest_reads_zeros("guest reads the zero page", ALL);
}

static void expect_spte_of_zero_page(const char *what, const struct memslot *slot, size_t first,
				     size_t count)
{
	struct spte_view views[PAGES];
	size_t page;

	sptes_expect(slot, first, count, SPTES_READ_ONLY, what);
	if (!sptes_read(slot, 0, PAGES, views))
		return;
	for (page = first; page < first + count; page++)
		expect(views[page].pfn == zero_pfn(), "%s: the spte of page %zu has pfn %#lx, not %#lx",
		       what, page, views[page].pfn, zero_pfn());
}

static void write_after_merge(void)
{
	static const char what[] = "guest writes to the zero page";

	set_up_merged();
	expect_spte_of_zero_page("guest reads", guest.slot[0], 0, PAGES);
	expect_spte_of_zero_page("guest reads", guest.slot[1], 0, PAGES);
	guest_fill(guest.vcpu, guest.slot[0], FIRST, COUNT, 1);
	witness_step(&guest.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(guest.slot[0], FIRST), .pages = COUNT,
		.zapped = COUNT, .faulted = COUNT,
	});
	expect_zero_page(what, 0, FIRST, true);
	expect_zero_page(what, FIRST, COUNT, false);
	expect_zero_page(what, FIRST + COUNT, ALL - FIRST - COUNT, true);
	expect_spte_of_zero_page(what, guest.slot[0], 0, FIRST);
	sptes_expect(guest.slot[0], FIRST, COUNT, SPTES_WRITABLE, what);
	expect_spte_of_zero_page(what, guest.slot[0], FIRST + COUNT, PAGES - FIRST - COUNT);
	expect_spte_of_zero_page(what, guest.slot[1], 0, PAGES);
	guest_check(guest.vcpu, guest.slot[0], FIRST, COUNT, 1);
	memory_check("host", guest.memory, memory_key(guest.slot[0]->tag, 1), FIRST, COUNT);
}

/* Before KSM counted its zero pages (e2942062e01d) it did not find them again to unmerge them. */
static void unmerge(void)
{
	bool found = sysfile_exists(KSM "ksm_zero_pages");

	set_up_merged();
	ksm_unmerge(guest.memory, ALL);
	if (!found) {
		witness_step(&guest.witness, "zeros stay merged", &(struct step){ 0 });
		expect_zero_page("zeros stay merged", 0, ALL, true);
		return;
	}
	witness_step(&guest.witness, "unmerge", &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = ALL, .zapped = ALL,
	});
	expect_zero_page("unmerge", 0, ALL, false);
	guest_reads_zeros("guest reads its own zeros", ALL);
}

static void counted(void)
{
	int32_t before, after;
	int loop;

	if (page_count_missing())
		skip_case("%s", page_count_missing());
	set_up_merged();
	before = page_count_read(zero_pfn());
	for (loop = 0; loop < LOOPS; loop++) {
		guest_writes_zeros("guest writes zeros again", &(struct step){
			.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = ALL, .zapped = ALL,
			.faulted = ALL,
		});
		merge();
		guest_reads_zeros("guest reads the zero page again", ALL);
	}
	after = page_count_read(zero_pfn());
	expect(before == after, "the zero page had %d references, and has %d after %d loops", before,
	       after, LOOPS);
}

const struct test test = {
	.name = "zero_page",
	.group = "ksm",
	.proves = "zeros that KSM merged are the zero page, read-only, until the guest writes",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64, .files = { KSM "use_zero_pages" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "write", write_after_merge },
		{ "unmerge", unmerge },
		{ "counted", counted },
	},
};
