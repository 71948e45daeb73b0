// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's pages are huge, but the memslot's host addresses and gfns do not begin at the same place of
 * 2 MiB: KVM may map nothing of it by a huge spte (kvm_alloc_memslot_metadata(), disallow_lpage). What the
 * host takes must be found at the shifted gfns all the same, to the page, at every edge of memslot, host's
 * huge page and guest's 2 MiB. A second memslot over the same memory is aligned: there the sptes are huge,
 * and go with the page.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"

#define LARGE 512UL
#define COUNT 4UL	/* huge pages of the host */
#define ALL (COUNT * LARGE)
#define SHIFT 67UL
#define START SHIFT
#define END (ALL - LARGE + 2 * SHIFT)
#define INSIDE 100UL	/* of each huge page that one is in the memslot */
#define GPA (256UL << 20)
#define GPA_ALIGNED (512UL << 20)
#define LONG "every edge of 8 MiB, which takes seconds"

enum kind { ANON, MEMFD, HUGETLB };

/* Pages are counted from where the memory begins. */
static struct {
	struct stage s;			/* its memslot is the one that is not aligned */
	size_t start, end, gfn;		/* that memslot's pages; how far its first gfn is into 2 MiB */
	struct memslot *aligned;	/* all of the memory */
	enum kind kind;
	bool huge[COUNT];		/* the host's page is whole */
	bool mapped[ALL], aligned_mapped[ALL];	/* by an spte of either memslot */
	unsigned int version[ALL], newest;	/* 0: dropped, and not written since */
	uint64_t small_before, large_before;	/* leaf sptes of the guest itself, as KVM counts */
} u;

static char *make_memory(enum kind kind)
{
	u.s.memory.fd = -1;
	if (kind == ANON)
		return thp_alloc(ALL);
	if (kind == HUGETLB)
		hugetlb_reserve(LARGE, COUNT);
	u.s.memory.fd = kind == HUGETLB ? hugetlb_file(LARGE, COUNT) : memfd_create("guest", MFD_CLOEXEC);
	require(u.s.memory.fd >= 0 && !ftruncate(u.s.memory.fd, ALL * GUEST_PAGE), "memfd: %s",
		strerror(errno));
	return kind == HUGETLB ? memory_map_file(u.s.memory.fd, ALL) : thp_map_file(u.s.memory.fd, ALL);
}

/* May the unaligned memslot have a huge spte there? Only if both are shifted by the same. */
static bool may_be_large(size_t huge)
{
	return u.huge[huge] && u.start % LARGE == u.gfn && huge * LARGE >= u.start &&
	       (huge + 1) * LARGE <= u.end;
}

static size_t count_mapped(const bool *mapped, size_t from, size_t to)
{
	size_t count = 0;

	for (size_t page = from; page < to; page++)
		count += mapped[page];
	return count;
}

static void expect_sptes(const struct memslot *slot, const bool *mapped, const char *what)
{
	bool none[ALL];

	for (size_t i = 0; i < slot->pages; i++)
		none[i] = !mapped[i];
	sptes_expect_only(slot, 0, slot->pages, mapped, SPTES_MAPPED, what);
	sptes_expect_only(slot, 0, slot->pages, none, SPTES_NONE, what);
}

/* As many leaf sptes of each size as there must be, and where they must be. */
static void expect_all(const char *what)
{
	size_t large = count_mapped(u.aligned_mapped, 0, ALL) / LARGE, small = 0, count;
	uint64_t pages_4k, pages_2m;

	for (size_t huge = 0; huge < COUNT; huge++) {
		count = count_mapped(u.mapped, huge * LARGE, (huge + 1) * LARGE);
		large += may_be_large(huge) && count;
		small += may_be_large(huge) ? 0 : count;
	}
	expect_sptes(u.s.slot, u.mapped + u.start, what);
	expect_sptes(u.aligned, u.aligned_mapped, what);
	if (!vm_stat(&u.s.vm, "pages_4k", &pages_4k) || !vm_stat(&u.s.vm, "pages_2m", &pages_2m))
		return;
	expect(pages_4k - u.small_before == small, "%s: pages_4k says %lu, expected %zu", what,
	       pages_4k - u.small_before, small);
	expect(pages_2m - u.large_before == large, "%s: pages_2m says %lu, expected %zu", what,
	       pages_2m - u.large_before, large);
}

/* Where the next run of pages begins that are of another version. */
static size_t end_of_version(size_t from, size_t to)
{
	size_t page = from;

	while (page < to && u.version[page] == u.version[from])
		page++;
	return page;
}

/* The guest reads what is there of these pages; what has gone it writes again. */
static void read_kept(size_t from, size_t to)
{
	size_t next, faulted = 0;

	for (size_t page = from; page < to; page = next) {
		next = end_of_version(page, to);
		if (!u.version[page])
			continue;
		guest_check(u.s.vcpu, u.s.slot, page - u.start, next - page, u.version[page]);
		memory_check("host", u.s.slot->hva, memory_key(u.s.slot->tag, u.version[page]), page - u.start,
			     next - page);
		faulted += next - page - count_mapped(u.mapped, page, next);
		memset(u.mapped + page, true, next - page);
	}
	witness_step(&u.s.witness, "guest reads what is there", &(struct step){ .faulted = faulted });
}

static void write_dropped(size_t from, size_t to)
{
	size_t next, faulted = 0;

	u.newest++;
	for (size_t page = from; page < to; page = next) {
		next = end_of_version(page, to);
		if (u.version[page])
			continue;
		guest_fill(u.s.vcpu, u.s.slot, page - u.start, next - page, u.newest);
		for (size_t i = page; i < next; i++) {
			u.version[i] = u.newest;
			u.mapped[i] = true;
		}
		faulted += next - page;
	}
	if (faulted)
		witness_step(&u.s.witness, "guest writes what is new", &(struct step){ .faulted = faulted });
}

/*
 * One huge page after the other, as one fault maps 512 pages or one. What is there comes first: KVM may map
 * neighbours with it that the host has (kvm_probe_prefetch()).
 */
static void guest_uses_all(void)
{
	for (size_t huge = 0; huge < COUNT; huge++) {
		size_t from = huge * LARGE, to = from + LARGE;

		from = from > u.start ? from : u.start;
		to = to < u.end ? to : u.end;
		u.s.witness.granule = may_be_large(huge) ? LARGE : 1;
		read_kept(from, to);
		write_dropped(from, to);
		sptes_expect_level(u.s.slot, from - u.start, to - from, may_be_large(huge) ? 2 : 1,
				   "guest uses all");
	}
	expect_all("guest uses all");
}

/* Through the other memslot, one page of each of the host's huge ones: there the spte is huge. */
static void use_aligned(void)
{
	size_t faulted = 0;

	for (size_t huge = 0; huge < COUNT; huge++) {
		const size_t page = huge * LARGE + INSIDE;
		uint64_t value;

		if (!u.huge[huge])
			continue;
		require(!guest_read(u.s.vcpu, u.aligned, page, &value), "the guest cannot read");
		expect(value == pattern_word(memory_key(u.s.slot->tag, u.version[page]), page - u.start, 0),
		       "guest reads %#lx of page %zu through the aligned memslot", value, page);
		faulted += LARGE - count_mapped(u.aligned_mapped, huge * LARGE, (huge + 1) * LARGE);
		memset(u.aligned_mapped + huge * LARGE, true, LARGE);
		sptes_expect_level(u.aligned, huge * LARGE, LARGE, 2, "guest reads the aligned memslot");
	}
	u.s.witness.granule = LARGE;
	witness_step(&u.s.witness, "guest reads the aligned memslot", &(struct step){ .faulted = faulted });
	expect_all("guest reads the aligned memslot");
}

static void expect_host_huge(void)
{
	size_t expected = 0;

	for (size_t huge = 0; huge < COUNT; huge++)
		expected += u.huge[huge] * LARGE;
	if (u.kind != HUGETLB)
		expect(thp_count(u.s.memory.hva) == expected,
		       "the host has %zu pages mapped by huge ptes, expected %zu",
		       thp_count(u.s.memory.hva), expected);
}

/* The memslot is pages start..end-1 of the memory, its first gfn `gfn` pages into 2 MiB. */
static void set_up(enum kind kind, size_t start, size_t end, size_t gfn)
{
	char *memory = make_memory(kind);
	struct stage *s = &u.s;

	u.kind = kind;
	u.start = start;
	u.end = end;
	u.gfn = gfn;
	memset(u.huge, true, sizeof(u.huge));
	s->memory.hva = memory;
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot_at(&s->vm, 0, GPA + gfn * GUEST_PAGE, memory + start * GUEST_PAGE,
				    end - start);
	u.aligned = vm_add_memslot_at(&s->vm, 0, GPA_ALIGNED, memory, ALL);
	witness_open(&s->witness, &s->vm);
	vm_stat(&s->vm, "pages_4k", &u.small_before);
	vm_stat(&s->vm, "pages_2m", &u.large_before);
	guest_uses_all();
	if (kind != HUGETLB && thp_count(memory) != ALL)
		skip_case("the host gave huge pages for %zu of %lu pages only", thp_count(memory), ALL);
	use_aligned();
}

/* The host takes a huge page of which it drops a part away as a whole, for as long as it is one. */
static void drop(const char *what, size_t from, size_t to)
{
	const size_t lo = u.huge[from / LARGE] ? from / LARGE * LARGE : from;
	const size_t hi = u.huge[(to - 1) / LARGE] ? (to + LARGE - 1) / LARGE * LARGE : to;
	const size_t zapped = count_mapped(u.mapped, lo, hi) + count_mapped(u.aligned_mapped, lo, hi);
	char *memory = u.s.memory.hva;

	if (u.kind == HUGETLB)
		require(!fallocate(u.s.memory.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				   from * GUEST_PAGE, (to - from) * GUEST_PAGE), "%s: fallocate: %s", what,
			strerror(errno));
	else
		require(!madvise(memory + from * GUEST_PAGE, (to - from) * GUEST_PAGE, MADV_DONTNEED),
			"%s: MADV_DONTNEED: %s", what, strerror(errno));
	memset(u.mapped + lo, false, hi - lo);
	memset(u.aligned_mapped + lo, false, hi - lo);
	if (u.kind != MEMFD)
		memset(u.version + from, 0, (to - from) * sizeof(u.version[0]));
	/* Pages of a file are mapped by a huge pte again as soon as one of them is touched. */
	if (u.kind == ANON && lo < from)
		u.huge[from / LARGE] = false;
	if (u.kind == ANON && hi > to)
		u.huge[(to - 1) / LARGE] = false;
	witness_step(&u.s.witness, what, &(struct step){
		.event = u.kind == HUGETLB ? hugetlb_unmap_event() : NOTIFY_CLEAR,
		.hva = memory + lo * GUEST_PAGE, .pages = hi - lo, .zapped = zapped,
	});
	expect_all(what);
	guest_uses_all();
	expect_host_huge();
}

/* The first gfn of the n-th 2 MiB of the guest, as a page of the memory. */
static size_t guest_bound(size_t n)
{
	return u.start + n * LARGE - u.gfn;
}

static void drop_around(const char *what, size_t page)
{
	drop(what, page - 1, page + 1);
}

/* Of anonymous memory the second time at a place is the one when the host's page is no longer huge. */
static void drop_at_bounds(void)
{
	drop_around("around a bound of the guest's 2 MiB", guest_bound(1));
	drop_around("around it once more", guest_bound(1));
	drop_around("around a bound of the host's huge pages", 2 * LARGE);
	drop_around("around it once more", 2 * LARGE);
	drop_around("around the next bound of the guest's 2 MiB", guest_bound(2));
}

static void drop_at_start(void)
{
	drop("the first page", u.start, u.start + 1);
	drop("the first page once more", u.start, u.start + 1);
	if (!u.start)
		return;
	drop_around("around the beginning of the memslot", u.start);
	drop("before the memslot", 0, u.start);
}

static void drop_at_end(void)
{
	drop("the last page", u.end - 1, u.end);
	drop("the last page once more", u.end - 1, u.end);
	if (u.end == ALL)
		return;
	drop_around("around the end of the memslot", u.end);
	drop("behind the memslot", u.end, ALL);
}

static void edges(enum kind kind, size_t start, size_t end, size_t gfn)
{
	set_up(kind, start, end, gfn);
	drop("a huge page", LARGE, 2 * LARGE);
	drop_at_start();
	drop_at_end();
	drop_at_bounds();
	use_aligned();
}

static void bounds(void)
{
	set_up(ANON, START, END, 0);
	drop_at_bounds();
}

static void hva_shifted(void)
{
	edges(ANON, START, END, 0);
}

static void gfn_shifted(void)
{
	edges(ANON, 0, ALL, SHIFT);
}

/* The huge pages that are all in the memslot have huge sptes, those that it cuts have small ones. */
static void both_shifted(void)
{
	edges(ANON, START, END, START);
}

static void memfd(void)
{
	edges(MEMFD, START, END, 0);
}

static void hugetlb(void)
{
	set_up(HUGETLB, START, END, 0);
	drop("a huge page inside the memslot", LARGE, 2 * LARGE);
	drop("the huge page where it begins", 0, LARGE);
	drop("the huge page where it ends", ALL - LARGE, ALL);
	drop("two huge pages", LARGE, ALL - LARGE);
	use_aligned();
}

const struct test test = {
	.name = "unaligned",
	.group = "zap",
	.proves = "huge pages behind a memslot whose gfns are shifted get small sptes, zapped to the page",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "bounds", bounds, { .files = { THP_KNOBS "enabled" } } },
		{ "hugetlb", hugetlb },
		{ "hva-shifted", hva_shifted, { .files = { THP_KNOBS "enabled" } }, .full = LONG },
		{ "gfn-shifted", gfn_shifted, { .files = { THP_KNOBS "enabled" } }, .full = LONG },
		{ "both-shifted", both_shifted, { .files = { THP_KNOBS "enabled" } }, .full = LONG },
		{ "memfd", memfd, { .files = { THP_KNOBS "shmem_enabled" } }, .full = LONG },
	},
};
