// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small pages of a guest become a huge page, by MADV_COLLAPSE or by khugepaged. All sptes of the range go
 * before a page is copied; the guest's next touch maps the huge page, by one spte.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/collapse.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define HUGE THP_PAGES		/* the second of two, and how many pages it has */
#define PAGES (2 * HUGE)

static void set_up(struct stage *s)
{
	collapse_prepare();
	stage_set(s, PAGES);
	sptes_expect_level(s->slot, 0, PAGES, 1, "guest writes small pages");
	collapse_allow(slot_page(s->slot, HUGE), HUGE);
	witness_step(&s->witness, "MADV_HUGEPAGE", &(struct step){ 0 });
}

static void expect_collapse(struct stage *s, const char *what, size_t zapped)
{
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, HUGE), .pages = HUGE, .zapped = zapped,
	});
}

/* One fault maps all of the huge page; its neighbours have what they had. */
static void guest_reads(struct stage *s, unsigned int version)
{
	guest_check(s->vcpu, s->slot, 0, HUGE, 1);
	witness_step(&s->witness, "guest reads beside it", &(struct step){ 0 });
	s->witness.granule = HUGE;
	guest_check(s->vcpu, s->slot, HUGE, HUGE, version);
	witness_step(&s->witness, "guest reads the huge page", &(struct step){ .faulted = HUGE });
	sptes_expect_level(s->slot, 0, HUGE, 1, "before the huge page");
	sptes_expect_level(s->slot, HUGE, HUGE, 2, "the huge page");
	expect(thp_count(slot_page(s->slot, HUGE)) == HUGE, "the host has no huge page mapped there");
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, version), HUGE, HUGE);
}

static void by_madvise(void)
{
	struct stage s;

	set_up(&s);
	collapse_now(slot_page(s.slot, HUGE), HUGE);
	expect_collapse(&s, "MADV_COLLAPSE", HUGE);
	guest_reads(&s, 1);
}

static void by_khugepaged(void)
{
	struct stage s;

	set_up(&s);
	khugepaged_scan();
	expect_collapse(&s, "khugepaged", HUGE);
	guest_reads(&s, 1);
}

/* What the guest had not touched has no spte to lose, but is in the huge page all the same. */
static void with_holes(void)
{
	const size_t first = HUGE + 100, count = 77;
	struct stage s;

	set_up(&s);
	require(!madvise(slot_page(s.slot, first), count * GUEST_PAGE,
			 backing()->shared ? MADV_REMOVE : MADV_DONTNEED), "madvise: %s", strerror(errno));
	witness_step(&s.witness, "pages are dropped", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, first), .pages = count, .zapped = count,
	});
	khugepaged_scan();
	expect_collapse(&s, "khugepaged", HUGE - count);
	guest_fill(s.vcpu, s.slot, first, count, 1);
	s.witness.granule = HUGE;
	witness_step(&s.witness, "guest fills the holes", &(struct step){ .faulted = HUGE });
	s.witness.granule = 1;
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	witness_step(&s.witness, "guest reads all", &(struct step){ 0 });
	sptes_expect_level(s.slot, HUGE, HUGE, 2, "guest fills the holes");
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
}

/*
 * A huge page of shared memory that is mapped by small ptes: mprotect() of a part takes the huge pte
 * away, and the page table that comes in its place stays when the part is writable again. Collapsing
 * replaces only that page table.
 */
static void pte_mapped(void)
{
	struct stage s;

	set_up(&s);
	collapse_now(slot_page(s.slot, HUGE), HUGE);
	expect_collapse(&s, "MADV_COLLAPSE", HUGE);
	guest_reads(&s, 1);
	s.witness.granule = 1;
	require(!mprotect(slot_page(s.slot, HUGE), GUEST_PAGE, PROT_READ), "mprotect: %s", strerror(errno));
	guest_check(s.vcpu, s.slot, HUGE, HUGE, 1);
	require(!mprotect(slot_page(s.slot, HUGE), GUEST_PAGE, PROT_READ | PROT_WRITE), "mprotect: %s",
		strerror(errno));
	guest_fill(s.vcpu, s.slot, HUGE, HUGE, 2);
	witness_step(&s.witness, "small ptes", &(struct step){
		.event = NOTIFY_CLEAR, .also = NOTIFY_PROTECTION_VMA, .hva = slot_page(s.slot, HUGE),
		.pages = HUGE, .racing = true, .partial = true,
	});
	sptes_expect_level(s.slot, HUGE, HUGE, 1, "small ptes");
	expect(!thp_count(slot_page(s.slot, HUGE)), "the host has the huge page mapped by a huge pte");
	collapse_now(slot_page(s.slot, HUGE), HUGE);
	expect_collapse(&s, "MADV_COLLAPSE of a huge page", HUGE);
	guest_reads(&s, 2);
}

#define BACKINGS (BACKING_ANON | BACKING_MEMFD)

const struct test test = {
	.name = "collapse",
	.group = "thp",
	.proves = "a collapse takes all small sptes of the range, and the guest gets one huge spte of the copy",
	.needs = { .kvm = true, .memory_mib = 64, .files = { THP_KNOBS "khugepaged/full_scans" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "madvise", by_madvise, .backings = BACKINGS },
		{ "khugepaged", by_khugepaged, .backings = BACKINGS },
		{ "holes", with_holes, .backings = BACKING_ANON, .full_backings = BACKING_MEMFD },
		{ "pte-mapped", pte_mapped, .backings = BACKING_MEMFD },
	},
};
