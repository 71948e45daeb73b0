// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a nested guest maps is swapped out and merged by the host. Its sptes are gone before, or map
 * the merged page read-only; what it reads is what was written, by whomever.
 */
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/x86/nested.h"

#define PAGES 64
#define MIDDLE 24
#define PART 17
#define SWAP_MIB 16

static void set_up(struct nested *n, void *memory)
{
	nested_set_up(n, nested_paging(), memory, PAGES);
	require(!guest_fill(n->nested, &n->view, 0, PAGES, 1), "the nested guest cannot write");
	/* The host has no page yet: nothing to prefetch. */
	witness_step(&n->witness, "nested guest writes",
		     &(struct step){ .faulted = PAGES, .faults = PAGES });
	nested_guest_reads(n, 1);
}

static void guest_reads_part(struct nested *n, unsigned int version)
{
	require(!guest_check(n->guest, n->slot, MIDDLE, PART, version), "the guest cannot read");
	witness_step(&n->witness, "guest reads the part", &(struct step){ .faulted = PART });
	memory_check("host", n->slot->hva, memory_key(n->slot->tag, version), MIDDLE, PART);
}

static void expect_paged_out(struct nested *n, size_t each)
{
	swap_out(slot_page(n->slot, MIDDLE), PART);
	witness_step(&n->witness, "MADV_PAGEOUT", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(n->slot, MIDDLE), .pages = PART,
		.zapped = each * PART,
	});
}

static void swapped(void)
{
	struct nested n;

	swap_on(SWAP_MIB);
	set_up(&n, memory_alloc(PAGES));
	expect_paged_out(&n, 2);
	require(!guest_check(n.nested, &n.view, MIDDLE, PART, 1), "the nested guest cannot read");
	witness_step(&n.witness, "nested guest reads swapped pages",
		     &(struct step){ .faulted = PART, .faults = PART });
	guest_reads_part(&n, 1);

	expect_paged_out(&n, 2);
	require(!guest_fill(n.nested, &n.view, MIDDLE, PART, 2), "the nested guest cannot write");
	witness_step(&n.witness, "nested guest writes swapped pages",
		     &(struct step){ .faulted = PART, .faults = PART });
	expect_paged_out(&n, 1);
	guest_reads_part(&n, 2);
	nested_check(&n, "nested guest reads before the part", 0, MIDDLE, 1, 0);
}

/* The nested guest's sptes: of the pages of `copy`, or of none of them. */
static void expect_shared(struct nested *n, const char *what, const void *copy, size_t first,
			  size_t count, bool shared)
{
	struct spte_view views[PAGES];
	struct page_state pages[PAGES];

	sptes_expect_nested(n->slot, first, count, shared ? SPTES_READ_ONLY : SPTES_WRITABLE, what);
	if (!sptes_read_nested(n->slot, 0, PAGES, views))
		return;
	pagemap_read(copy, pages, PAGES);
	for (size_t i = first; i < first + count; i++)
		expect((views[i].pfn == pages[i].pfn) == shared,
		       "%s: the nested guest's spte of page %zu has pfn %#lx, the copy's page has %#lx",
		       what, i, views[i].pfn, pages[i].pfn);
}

static void merge_with(struct nested *n, void *copy)
{
	memory_fill(copy, memory_key(n->slot->tag, 1), 0, PAGES);
	ksm_register(n->slot->hva, PAGES);
	ksm_register(copy, PAGES);
	ksm_merge();
	witness_step(&n->witness, "KSM merges", &(struct step){
		.event = NOTIFY_CLEAR, .hva = n->slot->hva, .pages = PAGES, .zapped = 2 * PAGES,
	});
}

/* Pages that the host has read-only are not prefetched. */
static void merge_nested(char *memory, char *copy)
{
	struct nested n;

	ksm_prepare();
	set_up(&n, memory);
	merge_with(&n, copy);
	require(!guest_check(n.nested, &n.view, 0, PAGES, 1), "the nested guest cannot read");
	witness_step(&n.witness, "nested guest reads merged pages",
		     &(struct step){ .faulted = PAGES, .faults = PAGES });
	expect_shared(&n, "nested guest reads merged pages", copy, 0, PAGES, true);
	nested_guest_reads(&n, 1);

	require(!guest_fill(n.nested, &n.view, MIDDLE, PART, 2), "the nested guest cannot write");
	witness_step(&n.witness, "nested guest writes merged pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(n.slot, MIDDLE), .pages = PART,
		.zapped = 2 * PART, .faulted = PART, .faults = PART,
	});
	expect_shared(&n, "nested guest writes merged pages", copy, MIDDLE, PART, false);
	expect_shared(&n, "pages before the written", copy, 0, MIDDLE, true);
	guest_reads_part(&n, 2);
	memory_check("the copy", copy, memory_key(n.slot->tag, 1), 0, PAGES);
	nested_check(&n, "nested guest reads before the part", 0, MIDDLE, 1, 0);
}

/*
 * Of two equal pages KSM keeps the one that it comes by later, which is the one behind
 * (try_to_merge_two_pages() in mm/ksm.c). The other is taken away, by an announcement of its own.
 */
static void merged(bool kept)
{
	char *one = memory_alloc(PAGES), *other = memory_alloc(PAGES);
	const bool rising = one < other;

	merge_nested(kept == rising ? other : one, kept == rising ? one : other);
}

static void merged_away(void)
{
	merged(false);
}

static void merged_kept(void)
{
	merged(true);
}

const struct test test = {
	.name = "content",
	.group = "nested",
	.proves = "a nested guest's pages keep their content through swap and KSM, as its guest's do",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "pageout", swapped, { .swap = true } },
		{ "ksm", merged_away, { .ksm = true } },
		{ "ksm-kept", merged_kept, { .ksm = true } },
	},
};
