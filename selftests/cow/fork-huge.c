// SPDX-License-Identifier: GPL-2.0-only
/*
 * The owner of a guest on huge pages forks. A transparent huge page that the guest writes is split, and
 * one small page of it copied; a hugetlb page is copied whole. No huge spte may let the guest write what
 * the child has.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/child.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define COUNT 3				/* huge pages */
#define PAGES (COUNT * THP_PAGES)
#define HUGE THP_PAGES			/* the second huge page: its first page, and how many it has */
#define WRITTEN (HUGE + 200)		/* a page of it */

/* Pages of the memslot that an spte of 2 MiB maps. */
static size_t count_huge(const struct memslot *slot)
{
	static struct spte_view views[PAGES];
	size_t huge = 0;

	if (!sptes_read(slot, 0, PAGES, views))
		skip_case("the sptes cannot be read: %s", sptes_missing());
	for (size_t i = 0; i < PAGES; i++)
		huge += views[i].mapped && views[i].level == 2;
	return huge;
}

static void set_up(struct stage *s, void *memory)
{
	stage_make(s, memory, PAGES);
	memory_fill(memory, memory_key(s->slot->tag, 1), 0, PAGES);
	lru_drain();
	witness_open(&s->witness, &s->vm);
	guest_write_each(s->vcpu, s->slot, 0, PAGES, 0);
	if (!count_huge(s->slot))
		skip_case("no huge spte: this MMU maps none");
	guest_fill(s->vcpu, s->slot, 0, PAGES, 1);
	s->witness.granule = HUGE;
	witness_step(&s->witness, "guest writes", &(struct step){ .faulted = PAGES });
	sptes_expect(s->slot, 0, PAGES, SPTES_WRITABLE, "guest writes");
}

static void guest_reads(struct stage *s, const char *what, size_t faulted, size_t huge)
{
	guest_check(s->vcpu, s->slot, 0, PAGES, 1);
	child_step(&s->witness, what, &(struct step){ .faulted = faulted });
	expect(count_huge(s->slot) == huge, "%s: %zu pages are mapped by huge sptes, expected %zu", what,
	       count_huge(s->slot), huge);
}

static void fork_owner(struct stage *s, enum notify event)
{
	child_fork(s->slot);
	child_step(&s->witness, "fork", &(struct step){
		.event = event, .hva = s->slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	child_expect_own("fork", 0, 0);
	guest_reads(s, "guest reads after the fork", PAGES, PAGES);
	sptes_expect(s->slot, 0, PAGES, SPTES_READ_ONLY, "guest reads after the fork");
}

static void set_up_thp(struct stage *s)
{
	void *memory = thp_alloc(PAGES);

	memset(memory, 0, PAGES * GUEST_PAGE);
	if (thp_count(memory) != PAGES)
		skip_case("the host gave huge pages for %zu of %lu pages only", thp_count(memory), PAGES);
	set_up(s, memory);
	fork_owner(s, NOTIFY_PROTECTION_PAGE);
	s->witness.granule = 1;
}

/* One page of the huge page is `who`'s alone; all others are as they were. */
static void expect_one_written(struct stage *s, const char *who, bool by_guest)
{
	expect(thp_count(s->slot->hva) == PAGES - HUGE, "%s: %zu pages are in huge pages of the owner",
	       who, thp_count(s->slot->hva));
	child_expect_own(who, WRITTEN, 1);
	guest_check(s->vcpu, s->slot, 0, WRITTEN, 1);
	guest_check(s->vcpu, s->slot, WRITTEN, 1, 2);
	guest_check(s->vcpu, s->slot, WRITTEN + 1, PAGES - WRITTEN - 1, 1);
	child_step(&s->witness, "guest reads the split page", &(struct step){
		.faulted = by_guest ? HUGE - 1 : HUGE,
	});
	expect(count_huge(s->slot) == PAGES - HUGE, "%s: %zu pages are mapped by huge sptes", who,
	       count_huge(s->slot));
	sptes_expect(s->slot, HUGE, WRITTEN - HUGE, SPTES_READ_ONLY, who);
	sptes_expect(s->slot, WRITTEN, 1, SPTES_WRITABLE, who);
	sptes_expect(s->slot, WRITTEN + 1, PAGES - WRITTEN - 1, SPTES_READ_ONLY, who);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 2), WRITTEN, 1);
	child_check(0, PAGES, 1);
}

static void thp_guest_writes(void)
{
	struct stage s;

	set_up_thp(&s);
	require(!guest_fill(s.vcpu, s.slot, WRITTEN, 1, 2), "the guest cannot write");
	child_step(&s.witness, "guest writes a shared huge page", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, HUGE), .pages = HUGE, .zapped = HUGE,
		.faulted = 1,
	});
	expect_one_written(&s, "guest writes a shared huge page", true);
}

static void thp_owner_writes(void)
{
	struct stage s;

	set_up_thp(&s);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), WRITTEN, 1);
	child_step(&s.witness, "owner writes a shared huge page", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, HUGE), .pages = HUGE, .zapped = HUGE,
	});
	expect_one_written(&s, "owner writes a shared huge page", false);
}

/* The child splits its own mapping of the page, the guest's stays huge. */
static void thp_child_writes(void)
{
	struct stage s;

	set_up_thp(&s);
	child_fill(WRITTEN, 1, 2);
	child_step(&s.witness, "child writes a shared huge page", &(struct step){ 0 });
	child_expect_own("child writes a shared huge page", WRITTEN, 1);
	guest_reads(&s, "guest reads what the child left", 0, PAGES);
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "guest reads what the child left");
	child_check(0, WRITTEN, 1);
	child_check(WRITTEN, 1, 2);
	child_check(WRITTEN + 1, PAGES - WRITTEN - 1, 1);
}

/* A huge page that nobody else has any more is the guest's to write as it is. */
static void child_exits(struct stage *s)
{
	child_end();
	child_step(&s->witness, "exit of the child", &(struct step){ 0 });
	s->witness.granule = HUGE;
	require(!guest_fill(s->vcpu, s->slot, WRITTEN, 1, 2), "the guest cannot write");
	child_step(&s->witness, "guest writes after it", &(struct step){ .upgraded = HUGE });
	expect(count_huge(s->slot) == PAGES, "%zu pages are mapped by huge sptes, expected %lu",
	       count_huge(s->slot), PAGES);
	sptes_expect(s->slot, 0, HUGE, SPTES_READ_ONLY, "before the written huge page");
	sptes_expect(s->slot, HUGE, HUGE, SPTES_WRITABLE, "the written huge page");
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 2), WRITTEN, 1);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 1), HUGE, WRITTEN - HUGE);
}

static void thp_child_exits(void)
{
	struct stage s;

	set_up_thp(&s);
	child_exits(&s);
}

static void set_up_hugetlb(struct stage *s)
{
	void *memory;

	hugetlb_reserve(HUGE, 2 * COUNT);
	memory = memory_map_private(hugetlb_file(HUGE, COUNT), PAGES);
	set_up(s, memory);
	fork_owner(s, NOTIFY_CLEAR);
}

static void expect_huge_written(struct stage *s, const char *who)
{
	child_expect_own(who, HUGE, HUGE);
	guest_check(s->vcpu, s->slot, 0, HUGE, 1);
	guest_check(s->vcpu, s->slot, HUGE, HUGE, 2);
	guest_check(s->vcpu, s->slot, 2 * HUGE, HUGE, 1);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 2), HUGE, HUGE);
	child_check(0, PAGES, 1);
}

static void hugetlb_guest_writes(void)
{
	struct stage s;

	set_up_hugetlb(&s);
	require(!guest_fill(s.vcpu, s.slot, HUGE, HUGE, 2), "the guest cannot write");
	child_step(&s.witness, "guest writes a shared hugetlb page", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, HUGE), .pages = HUGE, .zapped = HUGE,
		.faulted = HUGE,
	});
	sptes_expect(s.slot, HUGE, HUGE, SPTES_WRITABLE, "the written hugetlb page");
	sptes_expect(s.slot, 0, HUGE, SPTES_READ_ONLY, "before the written hugetlb page");
	expect_huge_written(&s, "guest writes a shared hugetlb page");
	child_step(&s.witness, "all read", &(struct step){ 0 });
}

static void hugetlb_owner_writes(void)
{
	struct stage s;

	set_up_hugetlb(&s);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), HUGE, HUGE);
	child_step(&s.witness, "owner writes a shared hugetlb page", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, HUGE), .pages = HUGE, .zapped = HUGE,
	});
	expect_huge_written(&s, "owner writes a shared hugetlb page");
	child_step(&s.witness, "all read", &(struct step){ .faulted = HUGE });
	sptes_expect(s.slot, HUGE, HUGE, SPTES_WRITABLE, "the written hugetlb page");
}

static void hugetlb_child_writes(void)
{
	struct stage s;

	set_up_hugetlb(&s);
	child_fill(HUGE, HUGE, 2);
	child_step(&s.witness, "child writes a shared hugetlb page", &(struct step){ 0 });
	child_expect_own("child writes a shared hugetlb page", HUGE, HUGE);
	guest_reads(&s, "guest reads what the child left", 0, PAGES);
	child_check(HUGE, HUGE, 2);
}

static void hugetlb_child_exits(void)
{
	struct stage s;

	set_up_hugetlb(&s);
	child_exits(&s);
}

const struct test test = {
	.name = "fork-huge",
	.group = "cow",
	.proves = "after a fork no huge spte lets a guest write the huge page that the child has",
	.needs = { .kvm = true, .memory_mib = 96, .files = { "/proc/kcore" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "thp-guest-writes", thp_guest_writes, { .files = { THP_KNOBS "enabled" } } },
		{ "thp-owner-writes", thp_owner_writes, { .files = { THP_KNOBS "enabled" } } },
		{ "thp-child-writes", thp_child_writes, { .files = { THP_KNOBS "enabled" } } },
		{ "thp-child-exits", thp_child_exits, { .files = { THP_KNOBS "enabled" } } },
		{ "hugetlb-guest-writes", hugetlb_guest_writes },
		{ "hugetlb-owner-writes", hugetlb_owner_writes },
		{ "hugetlb-child-writes", hugetlb_child_writes },
		{ "hugetlb-child-exits", hugetlb_child_exits },
	},
};
