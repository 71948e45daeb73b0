// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host takes begins and ends anywhere: before a memslot, inside of it, behind it, over
 * several at once, over memslots whose host addresses are not aligned as their gfns are. Of each
 * memslot those sptes go that are in the range, to the page.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define SLOTS 3
#define LARGE 512UL

/* One mapping, three memslots over it. */
struct stage3 {
	struct backed memory;
	struct vm vm;
	struct memslot *slot[SLOTS];
	struct witness witness;
};

/* So many pages, or as few as can be cut of huge ones. */
static size_t some(size_t pages)
{
	return backing()->granule == 1 ? pages : backing()->granule;
}

/* Of each memslot. */
static size_t slot_pages(void)
{
	return backing()->granule == 1 ? 32 : 2 * backing()->granule;
}

/* Before, between and behind them: pages of no memslot. */
static size_t gap_pages(void)
{
	return some(5);
}

static size_t slot_start(int i)
{
	return gap_pages() + i * (slot_pages() + gap_pages());
}

static size_t slot_end(int i)
{
	return slot_start(i) + slot_pages();
}

static size_t all_pages(void)
{
	return slot_start(SLOTS);
}

/* gfns follow the order of the host's addresses, or run against it. */
static void set_up(struct stage3 *s, bool backwards)
{
	const size_t pages = slot_pages();

	backing_alloc(&s->memory, all_pages());
	memory_fill(s->memory.hva, 1, 0, all_pages());
	vm_create(&s->vm, 1);
	for (int i = 0; i < SLOTS; i++) {
		int place = backwards ? SLOTS - 1 - i : i;

		s->slot[place] = vm_add_memslot(
			&s->vm, s->memory.hva + slot_start(place) * GUEST_PAGE, pages);
	}
	witness_open(&s->witness, &s->vm);
	for (int i = 0; i < SLOTS; i++)
		guest_fill(&s->vm.vcpu[0], s->slot[i], 0, pages, 1);
	witness_step(&s->witness, "guest writes all memslots",
		     &(struct step){ .faulted = SLOTS * pages });
}

/* How many pages of the memslot are in the range, and the first of them. */
static size_t slot_part(int i, size_t start, size_t end, size_t *first)
{
	size_t from = slot_start(i), to = slot_end(i);

	*first = start > from ? start - from : 0;
	from = start > from ? start : from;
	to = end < to ? end : to;
	return to > from ? to - from : 0;
}

static void check_slot(struct stage3 *s, const char *what, int i, size_t start, size_t end)
{
	const size_t pages = slot_pages();
	struct vcpu *vcpu = &s->vm.vcpu[0];
	size_t first, count = slot_part(i, start, end, &first);

	if (!count)
		first = pages;
	sptes_expect(s->slot[i], 0, first, SPTES_WRITABLE, what);
	sptes_expect(s->slot[i], first + count, pages - first - count, SPTES_WRITABLE, what);
	guest_check(vcpu, s->slot[i], 0, first, 1);
	guest_check(vcpu, s->slot[i], first + count, pages - first - count, 1);
	if (!count)
		return;
	sptes_expect(s->slot[i], first, count, SPTES_NONE, what);
	guest_expect_efault(vcpu, s->slot[i], first, count, false);
}

/* munmap of pages start..end-1 of the mapping. */
static void cut(struct stage3 *s, const char *what, size_t start, size_t end)
{
	size_t zapped = 0, first;

	for (int i = 0; i < SLOTS; i++)
		zapped += slot_part(i, start, end, &first);
	require(!munmap(s->memory.hva + start * GUEST_PAGE, (end - start) * GUEST_PAGE), "munmap: %s",
		strerror(errno));
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_UNMAP, .hva = s->memory.hva + start * GUEST_PAGE, .pages = end - start,
		.zapped = zapped,
	});
	for (int i = 0; i < SLOTS; i++)
		check_slot(s, what, i, start, end);
	witness_step(&s->witness, "guest reads what is left", &(struct step){ 0 });
}

static void before(void)
{
	struct stage3 s;

	set_up(&s, false);
	cut(&s, "munmap from before a memslot into it", slot_start(0) - some(3), slot_start(0) + some(7));
}

static void behind(void)
{
	struct stage3 s;

	set_up(&s, false);
	cut(&s, "munmap from inside a memslot to behind it", slot_end(2) - some(7), all_pages());
}

static void two(void)
{
	struct stage3 s;

	set_up(&s, false);
	cut(&s, "munmap from one memslot into the next", slot_start(0) + some(9), slot_start(1) + some(11));
}

static void all_but_ends(void)
{
	struct stage3 s;

	set_up(&s, true);
	cut(&s, "munmap over three memslots, gfns backwards", slot_start(0) + some(1),
	    slot_end(2) - some(1));
}

static void all(void)
{
	struct stage3 s;

	set_up(&s, true);
	cut(&s, "munmap of all", 0, all_pages());
}

/* Nothing of the guest's is in the gap, its neighbours on both sides are. */
static void gap(void)
{
	struct stage3 s;

	set_up(&s, false);
	require(!munmap(s.memory.hva + slot_end(0) * GUEST_PAGE, gap_pages() * GUEST_PAGE),
		"munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap between two memslots", &(struct step){ 0 });
	for (int i = 0; i < SLOTS; i++)
		guest_check(&s.vm.vcpu[0], s.slot[i], 0, slot_pages(), 1);
	witness_step(&s.witness, "guest reads all", &(struct step){ 0 });
}

/*
 * The memslot's host address is `offset` pages past where 2 MiB begin, its gfn is not: no page
 * of it is huge for the guest, and what the host takes must be found at the shifted gfns.
 */
static void shifted(void)
{
	const size_t offset = 67, pages = LARGE + 60, first = LARGE - offset - 9, count = 23;
	struct backed memory;
	struct witness witness;
	struct memslot *slot;
	struct vm vm;

	backing_alloc(&memory, offset + pages);
	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory.hva + offset * GUEST_PAGE, pages);
	witness_open(&witness, &vm);
	guest_fill(&vm.vcpu[0], slot, 0, pages, 1);
	witness_step(&witness, "guest writes", &(struct step){ .faulted = pages });
	require(!madvise(slot_page(slot, first), count * GUEST_PAGE, MADV_DONTNEED),
		"MADV_DONTNEED: %s", strerror(errno));
	witness_step(&witness, "MADV_DONTNEED across the bound of 2 MiB", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(slot, first), .pages = count, .zapped = count,
	});
	sptes_expect(slot, 0, first, SPTES_WRITABLE, "before the range");
	sptes_expect(slot, first + count, pages - first - count, SPTES_WRITABLE, "behind the range");
	memory_fill(slot->hva, memory_key(slot->tag, 2), first, count);
	guest_check(&vm.vcpu[0], slot, 0, first, 1);
	guest_check(&vm.vcpu[0], slot, first, count, 2);
	guest_check(&vm.vcpu[0], slot, first + count, pages - first - count, 1);
	witness_step(&witness, "guest reads all", &(struct step){ .faulted = count });
}

const struct test test = {
	.name = "bounds",
	.group = "zap",
	.proves = "a range that cuts memslots anywhere takes exactly those sptes that are in it",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "before", before, .backings = BACKING_ANON, .full_backings = BACKINGS_ALL & ~BACKING_ANON },
		{ "behind", behind, .backings = BACKING_ANON, .full_backings = BACKINGS_ALL & ~BACKING_ANON },
		{ "two", two, .backings = BACKINGS_MAIN, .full_backings = BACKINGS_FURTHER },
		{ "all-but-ends", all_but_ends, .backings = BACKING_ANON,
		  .full_backings = BACKINGS_ALL & ~BACKING_ANON },
		{ "all", all, .backings = BACKING_ANON, .full_backings = BACKINGS_ALL & ~BACKING_ANON },
		{ "gap", gap, .backings = BACKING_ANON, .full_backings = BACKINGS_ALL & ~BACKING_ANON },
		{ "shifted", shifted, .backings = BACKING_ANON,
		  .full_backings = BACKING_MEMFD | BACKINGS_FURTHER },
	},
};
