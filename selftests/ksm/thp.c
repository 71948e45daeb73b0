// SPDX-License-Identifier: GPL-2.0-only
/*
 * KSM finds a small page that is equal to a part of a huge one, and splits the huge page for it. Its
 * huge spte goes as a whole; then the guest has small ones, read-only where pages were merged.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define PAGES 512	/* a huge page; as many small ones behind it, of which a few are there */
#define MIDDLE 200
#define PART 31
#define END (MIDDLE + PART)

static struct vm vm;
static struct vcpu *vcpu;
static struct memslot *huge, *small;
static struct witness witness;
static char *memory;

static size_t count_huge_sptes(void)
{
	static struct spte_view views[PAGES];
	size_t count = 0;

	for (size_t i = 0; sptes_read(huge, 0, PAGES, views) && i < PAGES; i++)
		count += views[i].mapped && views[i].level == 2;
	return count;
}

static void set_up(void)
{
	ksm_prepare();
	memory = thp_alloc(2 * PAGES);
	require(!madvise(memory + PAGES * GUEST_PAGE, PAGES * GUEST_PAGE, MADV_NOHUGEPAGE),
		"MADV_NOHUGEPAGE: %s", strerror(errno));
	ksm_register(memory, 2 * PAGES);
	vm_create(&vm, 1);
	vcpu = &vm.vcpu[0];
	huge = vm_add_memslot(&vm, memory, PAGES);
	small = vm_add_memslot(&vm, memory + PAGES * GUEST_PAGE, PAGES);
	small->tag = huge->tag;
	memory_fill(huge->hva, memory_key(huge->tag, 1), 0, PAGES);
	if (!thp_count(memory))
		skip_case("the host gave no huge page");
	memory_fill(small->hva, memory_key(huge->tag, 1), MIDDLE, PART);
	witness_open(&witness, &vm);
	guest_check(vcpu, huge, 0, PAGES, 1);
	guest_check(vcpu, small, MIDDLE, PART, 1);
	/* One fault maps 512 pages: that is not what its counters are asked for. */
	witness_step(&witness, "guest reads", &(struct step){ .racing = true });
	if (!sptes_missing() && !count_huge_sptes())
		skip_case("no huge spte: this MMU maps none");
}

static void split_and_merge(void)
{
	bool zapped[2 * PAGES];
	size_t page;

	for (page = 0; page < 2 * PAGES; page++)
		zapped[page] = page < PAGES || (page >= PAGES + MIDDLE && page < PAGES + END);
	ksm_merge();
	witness_step(&witness, "KSM merges a part of the huge page", &(struct step){
		.event = NOTIFY_CLEAR, .hva = memory, .pages = 2 * PAGES, .only = zapped,
		.zapped = PAGES + PART,
	});
	expect(!thp_count(memory), "the page is still huge");
}

static void expect_merged_part(void)
{
	static struct page_state of_huge[PAGES], of_small[PAGES];
	size_t page;

	pagemap_read(huge->hva, of_huge, PAGES);
	pagemap_read(small->hva, of_small, PAGES);
	for (page = MIDDLE; page < END; page++)
		expect(of_huge[page].present && of_huge[page].pfn == of_small[page].pfn,
		       "page %zu has pfn %#lx, its twin %#lx: not merged", page, of_huge[page].pfn,
		       of_small[page].pfn);
}

static void split(void)
{
	static const char back[] = "guest reads small pages";

	set_up();
	split_and_merge();
	expect_merged_part();
	guest_check(vcpu, huge, 0, PAGES, 1);
	guest_check(vcpu, small, MIDDLE, PART, 1);
	witness_step(&witness, back, &(struct step){ .faulted = PAGES + PART });
	expect(!count_huge_sptes(), "%s: %zu pages are mapped by a huge spte", back, count_huge_sptes());
	sptes_expect(huge, MIDDLE, PART, SPTES_READ_ONLY, back);
	sptes_expect(small, MIDDLE, PART, SPTES_READ_ONLY, back);
	guest_fill(vcpu, huge, MIDDLE, PART, 2);
	witness_step(&witness, "guest writes merged pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(huge, MIDDLE), .pages = PART, .zapped = PART,
		.faulted = PART,
	});
	guest_check(vcpu, huge, 0, MIDDLE, 1);
	guest_check(vcpu, huge, MIDDLE, PART, 2);
	guest_check(vcpu, huge, END, PAGES - END, 1);
	memory_check("host", small->hva, memory_key(small->tag, 1), MIDDLE, PART);
}

const struct test test = {
	.name = "thp",
	.group = "ksm",
	.proves = "no huge spte outlives the split that KSM makes to merge a part of a huge page",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64,
		   .files = { "/sys/kernel/mm/transparent_hugepage/enabled" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "split", split },
	},
};
