// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest reads memory that nobody has written: all of it is the kernel's one page of zeros, mapped
 * read-only. Who writes gets a page; the zeros stay zeros for everybody.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define PAGES 64
#define WRITTEN 24
#define WRITES 17
#define BEHIND (WRITTEN + WRITES)
#define HUGE_WRITTEN 200	/* a page of the huge one */

/* Guest and host read zeros; by read-only sptes, in the guest. */
static void expect_zeros(struct stage *s, const char *what, size_t first, size_t count)
{
	uint64_t value;

	for (size_t page = first; page < first + count; page++) {
		require(!guest_read(s->vcpu, s->slot, page, &value), "the guest cannot read page %zu", page);
		expect(!value, "%s: the guest reads %#lx on page %zu", what, value, page);
	}
	sptes_expect(s->slot, first, count, SPTES_READ_ONLY, what);
}

/* All of these pages are one. */
static void expect_one_page(struct stage *s, const char *what)
{
	struct spte_view views[PAGES];

	if (!sptes_read(s->slot, 0, PAGES, views))
		return;
	for (size_t i = 1; i < PAGES; i++)
		expect(views[i].pfn == views[0].pfn, "%s: page %zu has pfn %#lx, page 0 %#lx", what, i,
		       views[i].pfn, views[0].pfn);
}

static void set_up(struct stage *s)
{
	const char *what = "guest reads fresh memory";

	stage_make(s, memory_alloc(PAGES), PAGES);
	witness_open(&s->witness, &s->vm);
	expect_zeros(s, what, 0, PAGES);
	witness_step(&s->witness, what, &(struct step){ .faulted = PAGES });
	expect_one_page(s, what);
}

static void expect_written(struct stage *s, const char *what, size_t faulted)
{
	guest_check(s->vcpu, s->slot, WRITTEN, WRITES, 1);
	expect_zeros(s, what, 0, WRITTEN);
	expect_zeros(s, what, BEHIND, PAGES - BEHIND);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 1), WRITTEN, WRITES);
	witness_step(&s->witness, "all read", &(struct step){ .faulted = faulted });
	sptes_expect(s->slot, WRITTEN, WRITES, SPTES_WRITABLE, what);
}

static void guest_writes(void)
{
	const char *what = "guest writes pages of zeros";
	struct stage s;

	set_up(&s);
	require(!guest_fill(s.vcpu, s.slot, WRITTEN, WRITES, 1), "the guest cannot write");
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES, .faulted = WRITES,
	});
	expect_written(&s, what, 0);
}

static void owner_writes(void)
{
	const char *what = "owner writes pages of zeros";
	struct stage s;

	set_up(&s);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), WRITTEN, WRITES);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES,
	});
	expect_written(&s, what, WRITES);
}

static void dropped(void)
{
	struct stage s;

	set_up(&s);
	require(!madvise(slot_page(s.slot, WRITTEN), WRITES * GUEST_PAGE, MADV_DONTNEED),
		"MADV_DONTNEED: %s", strerror(errno));
	witness_step(&s.witness, "MADV_DONTNEED of pages of zeros", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES,
	});
	expect_zeros(&s, "guest reads again", WRITTEN, WRITES);
	witness_step(&s.witness, "guest reads again", &(struct step){ .faulted = WRITES });
	expect_one_page(&s, "guest reads again");
}

/* One read-only spte of 2 MiB maps zeros. */
static void set_up_huge(struct stage *s)
{
	void *memory = thp_alloc(THP_PAGES);
	const char *what = "guest reads a fresh huge page";
	static struct spte_view views[THP_PAGES];

	knob_set(THP_KNOBS "use_zero_page", "1");
	stage_make(s, memory, THP_PAGES);
	witness_open(&s->witness, &s->vm);
	s->witness.granule = THP_PAGES;
	expect_zeros(s, what, 0, 1);
	if (!sptes_read(s->slot, 0, THP_PAGES, views))
		skip_case("the sptes cannot be read: %s", sptes_missing());
	if (pagemap_count_present(memory, THP_PAGES) != THP_PAGES)
		skip_case("the host maps no huge page of zeros");
	if (views[0].level != 2)
		skip_case("no huge spte: this MMU maps none");
	witness_step(&s->witness, what, &(struct step){ .faulted = THP_PAGES });
	expect_zeros(s, what, 0, THP_PAGES);
	witness_step(&s->witness, "guest reads all of it", &(struct step){ 0 });
}

/*
 * Newer kernels put a huge page in its place (do_huge_zero_wp_pmd()), older ones split the mapping and
 * put a small page there: the huge spte is gone either way.
 */
static void huge_written(void)
{
	const char *what = "guest writes a huge page of zeros";
	struct stage s;
	size_t mapped;

	set_up_huge(&s);
	require(!guest_fill(s.vcpu, s.slot, HUGE_WRITTEN, 1, 1), "the guest cannot write");
	mapped = thp_count(s.slot->hva) ? THP_PAGES : 1;
	s.witness.granule = mapped;
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = THP_PAGES, .zapped = THP_PAGES,
		.faulted = mapped,
	});
	sptes_expect(s.slot, HUGE_WRITTEN, 1, SPTES_WRITABLE, what);
	guest_check(s.vcpu, s.slot, HUGE_WRITTEN, 1, 1);
	for (size_t page = 0; page < THP_PAGES; page++)
		expect(page == HUGE_WRITTEN || !*(uint64_t *)slot_page(s.slot, page),
		       "%s: page %zu is no longer zero", what, page);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), HUGE_WRITTEN, 1);
	witness_step(&s.witness, "all read", &(struct step){ 0 });
}

/* The host takes the first pages of it, all or a part: the huge spte is gone. */
static void expect_huge_gone(struct stage *s, const char *what, enum notify event)
{
	witness_step(&s->witness, what, &(struct step){
		.event = event, .hva = s->slot->hva, .pages = THP_PAGES,
		.zapped = THP_PAGES,
	});
	sptes_expect(s->slot, 0, THP_PAGES, SPTES_NONE, what);
}

static void drop(struct stage *s, size_t first, size_t count)
{
	require(!madvise(slot_page(s->slot, first), count * GUEST_PAGE, MADV_DONTNEED),
		"MADV_DONTNEED: %s", strerror(errno));
}

/* The process keeps its huge page of zeros to its end: it is the same one again. */
static void huge_dropped(void)
{
	const char *what = "MADV_DONTNEED of a huge page of zeros";
	struct spte_view before, after;
	struct stage s;

	set_up_huge(&s);
	require(sptes_read(s.slot, 0, 1, &before), "the sptes cannot be read any more");
	drop(&s, 0, THP_PAGES);
	expect_huge_gone(&s, what, NOTIFY_CLEAR);
	expect(!pagemap_count_present(s.slot->hva, THP_PAGES), "%s: the host has it still", what);
	expect_zeros(&s, "guest reads again", 0, THP_PAGES);
	witness_step(&s.witness, "guest reads again", &(struct step){ .faulted = THP_PAGES });
	sptes_expect_level(s.slot, 0, THP_PAGES, 2, "guest reads again");
	require(sptes_read(s.slot, 0, 1, &after), "the sptes cannot be read any more");
	expect(after.pfn == before.pfn, "%s: pfn %#lx, was %#lx", what, after.pfn, before.pfn);
}

/* The rest stays mapped in the host, by the small page of zeros. */
static void huge_part_dropped(void)
{
	const char *what = "MADV_DONTNEED of a part of a huge page of zeros";
	struct stage s;

	set_up_huge(&s);
	drop(&s, WRITTEN, WRITES);
	expect_huge_gone(&s, what, NOTIFY_CLEAR);
	expect(pagemap_count_present(s.slot->hva, THP_PAGES) == THP_PAGES - WRITES,
	       "%s: the host has %zu pages left", what, pagemap_count_present(s.slot->hva, THP_PAGES));
	s.witness.granule = 1;
	expect_zeros(&s, "guest reads again", 0, THP_PAGES);
	witness_step(&s.witness, "guest reads again", &(struct step){ .faulted = THP_PAGES });
	sptes_expect_level(s.slot, 0, THP_PAGES, 1, "guest reads again");
	expect_one_page(&s, "guest reads again");
}

static void huge_unmapped(void)
{
	struct stage s;

	set_up_huge(&s);
	require(!munmap(s.slot->hva, THP_PAGES * GUEST_PAGE), "munmap: %s", strerror(errno));
	expect_huge_gone(&s, "munmap of a huge page of zeros", NOTIFY_UNMAP);
	stage_expect_gone(&s, 0, THP_PAGES);
}

const struct test test = {
	.name = "zero",
	.group = "cow",
	.proves = "a guest reads fresh memory from the one page of zeros, and writes to a page of its own",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "guest-writes", guest_writes },
		{ "owner-writes", owner_writes },
		{ "dropped", dropped },
		{ "huge", huge_written, { .files = { THP_KNOBS "use_zero_page" } } },
		{ "huge-dropped", huge_dropped, { .files = { THP_KNOBS "use_zero_page" } } },
		{ "huge-part-dropped", huge_part_dropped, { .files = { THP_KNOBS "use_zero_page" } } },
		{ "huge-unmapped", huge_unmapped, { .files = { THP_KNOBS "use_zero_page" } } },
	},
};
