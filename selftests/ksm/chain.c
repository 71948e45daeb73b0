// SPDX-License-Identifier: GPL-2.0-only
/*
 * KSM lets a page be shared only so often (max_page_sharing); then it keeps another copy, in a chain
 * of such. Guest pages that are all alike are spread over the copies, and each is one for itself.
 */
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm-guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/pagemap.h"
#include "lib/test.h"

#define PAGES 12	/* in each of two memslots */
#define ALL (2 * PAGES)
#define SHARING 3
#define COPIES (ALL / SHARING)
#define KSM "/sys/kernel/mm/ksm/"

static struct ksm_guest guest;

/* How many of the pages are backed by the page that backs this one. */
static size_t count_sharers(const struct page_state state[ALL], size_t page)
{
	size_t i, sharers = 0;

	for (i = 0; i < ALL; i++)
		sharers += state[i].present && state[i].pfn == state[page].pfn;
	return sharers;
}

static bool is_first_of_copy(const struct page_state state[ALL], size_t page)
{
	size_t i;

	for (i = 0; i < page; i++)
		if (state[i].pfn == state[page].pfn)
			return false;
	return true;
}

/* Every copy is used to the limit; `first` gets which pages are the first of theirs. */
static void expect_spread(bool first[ALL])
{
	struct page_state state[ALL];
	size_t page, sharers, copies = 0;

	pagemap_read(guest.memory, state, ALL);
	for (page = 0; page < ALL; page++) {
		sharers = count_sharers(state, page);
		expect(sharers == SHARING, "page %zu: pfn %#lx is shared by %zu pages, not %d", page,
		       state[page].pfn, sharers, SHARING);
		first[page] = is_first_of_copy(state, page);
		copies += first[page];
	}
	require(copies == COPIES, "%zu copies, not %d", copies, COPIES);
}

static uint64_t read_page(size_t page)
{
	uint64_t value = 0;

	require(!guest_read(guest.vcpu, guest.slot[page / PAGES], page % PAGES, &value),
		"the guest cannot read");
	return value;
}

static void guest_reads(const char *what, const bool written[ALL], size_t faulted)
{
	size_t page;

	for (page = 0; page < ALL; page++)
		expect(read_page(page) == 1U + written[page], "guest reads %lu in page %zu, not %u",
		       read_page(page), page, 1U + written[page]);
	witness_step(&guest.witness, what, &(struct step){ .faulted = faulted });
}

static void set_up(bool first[ALL])
{
	static const bool none[ALL];

	ksm_guest_create(&guest, PAGES);
	ksm_set_tree("max_page_sharing", "3");
	for (int half = 0; half < 2; half++)
		require(!guest_write_each(guest.vcpu, guest.slot[half], 0, PAGES, 1),
			"the guest cannot write");
	witness_step(&guest.witness, "guest writes", &(struct step){ .faulted = ALL });
	ksm_merge();
	witness_step(&guest.witness, "KSM merges", &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = ALL, .zapped = ALL,
	});
	expect_spread(first);
	guest_reads("guest reads all copies", none, ALL);
}

static void write_first(const bool first[ALL])
{
	size_t page;

	for (page = 0; page < ALL; page++)
		if (first[page])
			require(!guest_write(guest.vcpu, guest.slot[page / PAGES], page % PAGES, 2),
				"the guest cannot write");
	witness_step(&guest.witness, "guest writes a page of each copy", &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = ALL, .only = first,
		.zapped = COPIES, .faulted = COPIES,
	});
}

static void spread(void)
{
	bool first[ALL];

	set_up(first);
	write_first(first);
	guest_reads("guest reads what it wrote and the rest", first, 0);
}

/* What was written is alike again, and the rest stays where it is. */
static void merged_again(void)
{
	bool first[ALL];

	set_up(first);
	write_first(first);
	ksm_merge();
	witness_step(&guest.witness, "KSM merges what was written", &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = ALL, .only = first,
		.zapped = COPIES,
	});
	guest_reads("guest reads all", first, COPIES);
}

const struct test test = {
	.name = "chain",
	.group = "ksm",
	.proves = "guest pages spread over several copies of one KSM page are each on their own",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64, .files = { KSM "max_page_sharing" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "spread", spread },
		{ "merged-again", merged_again },
	},
};
