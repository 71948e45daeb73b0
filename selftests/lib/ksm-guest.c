// SPDX-License-Identifier: GPL-2.0-only
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm-guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"

void ksm_guest_create_unregistered(struct ksm_guest *g, size_t pages)
{
	require(pages <= KSM_GUEST_PAGES_MAX, "more than %d pages", KSM_GUEST_PAGES_MAX);
	ksm_prepare();
	g->pages = pages;
	g->memory = memory_alloc(2 * pages);
	vm_create(&g->vm, 1);
	g->vcpu = &g->vm.vcpu[0];
	g->slot[0] = vm_add_memslot(&g->vm, g->memory, pages);
	g->slot[1] = vm_add_memslot(&g->vm, g->memory + pages * GUEST_PAGE, pages);
	g->slot[1]->tag = g->slot[0]->tag;
	witness_open(&g->witness, &g->vm);
}

void ksm_guest_create(struct ksm_guest *g, size_t pages)
{
	ksm_guest_create_unregistered(g, pages);
	ksm_register(g->memory, 2 * pages);
}

void ksm_guest_fill(struct ksm_guest *g)
{
	require(!guest_fill(g->vcpu, g->slot[0], 0, g->pages, 1) &&
		!guest_fill(g->vcpu, g->slot[1], 0, g->pages, 1), "the guest cannot write");
	witness_step(&g->witness, "guest writes", &(struct step){ .faulted = 2 * g->pages });
}

static void check_twins(const char *what, const struct page_state *one,
			const struct page_state *other, size_t page, bool merged)
{
	if (merged)
		expect(one->present && one->pfn == other->pfn,
		       "%s: page %zu has pfn %#lx, its twin %#lx: not merged", what, page, one->pfn,
		       other->pfn);
	else
		expect(one->present && one->pfn != other->pfn,
		       "%s: page %zu is still one with its twin, pfn %#lx", what, page, one->pfn);
	if (pagemap_knows_ksm())
		expect(one->ksm == merged, "%s: page %zu is %sKSM's", what, page,
		       one->ksm ? "" : "not ");
}

void ksm_guest_expect_merged(const struct ksm_guest *g, const char *what, size_t first, size_t count,
			     bool merged)
{
	struct page_state one[KSM_GUEST_PAGES_MAX], other[KSM_GUEST_PAGES_MAX];
	size_t page;

	pagemap_read(g->slot[0]->hva, one, g->pages);
	pagemap_read(g->slot[1]->hva, other, g->pages);
	for (page = first; page < first + count; page++)
		check_twins(what, &one[page], &other[page], page, merged);
}

void ksm_guest_merge(struct ksm_guest *g)
{
	ksm_merge();
	witness_step(&g->witness, "KSM merges", &(struct step){
		.event = NOTIFY_CLEAR, .hva = g->memory, .pages = 2 * g->pages, .zapped = 2 * g->pages,
	});
	ksm_guest_expect_merged(g, "KSM merges", 0, g->pages, true);
}

void ksm_guest_read(struct ksm_guest *g, const char *what, size_t faulted)
{
	require(!guest_check(g->vcpu, g->slot[0], 0, g->pages, 1) &&
		!guest_check(g->vcpu, g->slot[1], 0, g->pages, 1), "the guest cannot read");
	witness_step(&g->witness, what, &(struct step){ .faulted = faulted });
}

void ksm_guest_create_merged(struct ksm_guest *g, size_t pages)
{
	static const char what[] = "guest reads merged pages";

	ksm_guest_create(g, pages);
	ksm_guest_fill(g);
	ksm_guest_merge(g);
	ksm_guest_read(g, what, 2 * pages);
	ksm_guest_expect_merged(g, what, 0, pages, true);
	sptes_expect(g->slot[0], 0, pages, SPTES_READ_ONLY, what);
	sptes_expect(g->slot[1], 0, pages, SPTES_READ_ONLY, what);
}

void ksm_guest_expect_written(struct ksm_guest *g, const char *what, size_t first, size_t count)
{
	size_t end = first + count;

	guest_check(g->vcpu, g->slot[0], 0, first, 1);
	guest_check(g->vcpu, g->slot[0], first, count, 2);
	guest_check(g->vcpu, g->slot[0], end, g->pages - end, 1);
	guest_check(g->vcpu, g->slot[1], 0, g->pages, 1);
	witness_step(&g->witness, "guest reads all", &(struct step){ .faulted = count });
	memory_check("host", g->slot[0]->hva, memory_key(g->slot[0]->tag, 2), first, count);
	memory_check("host", g->slot[1]->hva, memory_key(g->slot[1]->tag, 1), 0, g->pages);
	ksm_guest_expect_merged(g, what, 0, first, true);
	ksm_guest_expect_merged(g, what, first, count, false);
	ksm_guest_expect_merged(g, what, end, g->pages - end, true);
	sptes_expect(g->slot[0], 0, first, SPTES_READ_ONLY, what);
	sptes_expect(g->slot[0], first, count, SPTES_WRITABLE, what);
	sptes_expect(g->slot[0], end, g->pages - end, SPTES_READ_ONLY, what);
	sptes_expect(g->slot[1], 0, g->pages, SPTES_READ_ONLY, what);
}
