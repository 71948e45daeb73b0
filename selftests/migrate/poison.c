// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a guest breaks. Its spte is gone at once, and who touches it, the guest included, ends in a
 * SIGBUS with the address; all other pages are as they were, and the owner can put a new page there. A page
 * that is only about to break moves elsewhere, and nobody is told.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/poison.h"
#include "lib/sigbus.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"

#define WINDOW 8	/* pages that one fault may map, see kvm_probe_prefetch() */
#define BROKEN 200	/* a page of the huge page, the first of its window */
#define BEHIND (BROKEN + WINDOW)

/* What is lost: a page, or the whole huge page around it. */
struct lost {
	struct stage *stage;
	size_t page, first, count;
};

static void guest_reads(void *arg)
{
	const struct lost *lost = arg;
	uint64_t value;
	int err = guest_read(lost->stage->vcpu, lost->stage->slot, lost->page, &value);

	expect(false, "guest reads page %zu, which is poisoned (%d): %#lx", lost->page, err, value);
}

static void guest_writes(void *arg)
{
	const struct lost *lost = arg;
	int err = guest_write(lost->stage->vcpu, lost->stage->slot, lost->page, 0xbad);

	expect(false, "guest writes page %zu, which is poisoned (%d)", lost->page, err);
}

static void host_reads(void *arg)
{
	const struct lost *lost = arg;
	uint64_t value = *(volatile uint64_t *)slot_page(lost->stage->slot, lost->page);

	expect(false, "host reads page %zu, which is poisoned: %#lx", lost->page, value);
}

static void expect_sigbus(struct lost *lost, const char *who, void (*touch)(void *arg))
{
	const char *start = slot_page(lost->stage->slot, lost->first);
	struct sigbus got;

	if (!expect(sigbus_during(touch, lost, &got), "%s got no SIGBUS", who))
		return;
	expect(got.code == BUS_MCEERR_AR && got.address >= start &&
	       got.address < start + lost->count * GUEST_PAGE,
	       "%s got a SIGBUS of code %d for %p, expected %d for %p", who, got.code, got.address,
	       BUS_MCEERR_AR, start);
}

static void expect_lost(struct lost *lost)
{
	struct stage *s = lost->stage;

	expect_sigbus(lost, "the guest that reads", guest_reads);
	expect_sigbus(lost, "the guest that writes", guest_writes);
	expect_sigbus(lost, "the host", host_reads);
	witness_step(&s->witness, "all who touch it are told", &(struct step){ 0 });
	sptes_expect(s->slot, lost->first, lost->count, SPTES_NONE, "all who touch it are told");
}

/* The owner throws the lost page away and gets an empty one. */
static void replace(struct lost *lost)
{
	struct stage *s = lost->stage;
	void *start = slot_page(s->slot, lost->first);

	/* A hole leaves the poisoned ptes (zap_pte_range(): even_cows), dropping them leaves the page. */
	require(!backing()->shared || !madvise(start, lost->count * GUEST_PAGE, MADV_REMOVE),
		"MADV_REMOVE: %s", strerror(errno));
	require(s->witness.granule > 1 || !madvise(start, lost->count * GUEST_PAGE, MADV_DONTNEED),
		"MADV_DONTNEED: %s", strerror(errno));
	witness_step(&s->witness, "the owner drops it", &(struct step){
		.event = s->witness.granule > 1 ? hugetlb_unmap_event() : NOTIFY_CLEAR, .hva = start,
		.pages = lost->count,
	});
	stage_write(s, "guest writes the new page", lost->first, lost->count, 2, lost->count);
	stage_read(s, "guest reads the new page", lost->first, lost->count, 2, 0);
}

static void poisoned(void)
{
	struct stage s;
	struct lost lost = { .stage = &s, .count = backing()->granule };

	if (lost.count > 1)
		hugetlb_reserve(lost.count, backing()->pages / lost.count + 1);
	stage_set(&s, backing()->pages);
	lost.first = backing()->middle;
	lost.page = lost.first + lost.count / 2;
	poison_page(slot_page(s.slot, lost.page));
	witness_step(&s.witness, "MADV_HWPOISON", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, lost.first), .pages = lost.count,
		.zapped = lost.count,
	});
	expect_lost(&lost);
	stage_read_others(&s, lost.first, lost.count);
	replace(&lost);
	stage_read_others(&s, lost.first, lost.count);
}

static void soft_offline(void)
{
	const size_t count = backing()->granule, first = backing()->middle;
	struct page_state before, after;
	struct stage s;

	if (count > 1)
		hugetlb_reserve(count, backing()->pages / count + 1);
	stage_set(&s, backing()->pages);
	pagemap_read(slot_page(s.slot, first), &before, 1);
	poison_soft_offline(slot_page(s.slot, first));
	witness_step(&s.witness, "MADV_SOFT_OFFLINE", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, first), .pages = count, .zapped = count,
	});
	stage_read_others(&s, first, count);
	stage_read(&s, "guest reads what moved", first, count, 1, count);
	pagemap_read(slot_page(s.slot, first), &after, 1);
	expect(before.pfn != after.pfn, "the page is still the one that was put offline");
}

/* One page of a huge page: that is split first, and all but the page come back as small ones. */
static void set_up_huge(struct stage *s)
{
	s->memory.hva = thp_alloc(THP_PAGES);
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, s->memory.hva, THP_PAGES);
	witness_open(&s->witness, &s->vm);
	s->witness.granule = THP_PAGES;
	stage_write(s, "guest writes", 0, THP_PAGES, 1, THP_PAGES);
	if (thp_count(s->memory.hva) != THP_PAGES)
		skip_case("the host gave no huge page");
	s->witness.granule = 1;
}

/* All read what is neither the page nor in one window of kvm_probe_prefetch() with it. */
static void expect_split(struct stage *s, const char *what)
{
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = THP_PAGES, .zapped = THP_PAGES,
	});
	expect(!thp_count(s->slot->hva), "%s: the huge page is still whole", what);
	stage_read(s, "guest reads before it", 0, BROKEN, 1, BROKEN);
	stage_read(s, "guest reads behind it", BEHIND, THP_PAGES - BEHIND, 1, THP_PAGES - BEHIND);
	sptes_expect_level(s->slot, 0, BROKEN, 1, what);
}

static void huge_poisoned(void)
{
	struct stage s;
	struct lost lost = { .stage = &s, .page = BROKEN, .first = BROKEN, .count = 1 };

	set_up_huge(&s);
	poison_page(slot_page(s.slot, lost.page));
	expect_split(&s, "MADV_HWPOISON");
	expect_lost(&lost);
	stage_read(&s, "guest reads beside it", BROKEN + 1, WINDOW - 1, 1, WINDOW - 1);
	replace(&lost);
}

static void huge_soft_offline(void)
{
	struct stage s;

	set_up_huge(&s);
	poison_soft_offline(slot_page(s.slot, BROKEN));
	expect_split(&s, "MADV_SOFT_OFFLINE");
	stage_read(&s, "guest reads what moved", BROKEN, WINDOW, 1, WINDOW);
}

#define BACKINGS (BACKING_ANON | BACKING_MEMFD | BACKING_HUGETLB)

const struct test test = {
	.name = "poison",
	.group = "migrate",
	.proves = "a guest never gets at a page that broke, and what is about to break moves in time",
	.needs = { .kvm = true, .memory_mib = 64, .files = { POISON_KNOB } },
	.modules = { "kvm_amd", "kvm_intel", "hwpoison_inject" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "poisoned", poisoned, .backings = BACKINGS },
		{ "huge-poisoned", huge_poisoned, { .files = { THP_KNOBS "enabled" } } },
		{ "soft-offline", soft_offline, .backings = BACKINGS },
		{ "huge-soft-offline", huge_soft_offline, { .files = { THP_KNOBS "enabled" } } },
	},
};
