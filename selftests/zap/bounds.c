// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host takes begins and ends anywhere: before a memslot, inside of it, behind it, over
 * several at once, over memslots whose host addresses are not aligned as their gfns are. Of each
 * memslot those sptes go that are in the range, to the page.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define SLOTS 3
#define PAGES 32	/* of each memslot */
#define GAP 5		/* before, between and behind them: pages of no memslot */
#define ALL (SLOTS * PAGES + (SLOTS + 1) * GAP)
#define LARGE 512UL

/* One mapping, three memslots over it. */
struct stage3 {
	char *memory;
	struct vm vm;
	struct memslot *slot[SLOTS];
	struct witness witness;
};

static size_t slot_start(int i)
{
	return GAP + i * (PAGES + GAP);
}

/* gfns follow the order of the host's addresses, or run against it. */
static void set_up(struct stage3 *s, bool backwards)
{
	s->memory = memory_alloc(ALL);
	memory_fill(s->memory, 1, 0, ALL);
	vm_create(&s->vm, 1);
	for (int i = 0; i < SLOTS; i++) {
		int place = backwards ? SLOTS - 1 - i : i;

		s->slot[place] = vm_add_memslot(&s->vm, s->memory + slot_start(place) * GUEST_PAGE,
						PAGES);
	}
	witness_open(&s->witness, &s->vm);
	for (int i = 0; i < SLOTS; i++)
		guest_fill(&s->vm.vcpu[0], s->slot[i], 0, PAGES, 1);
	witness_step(&s->witness, "guest writes all memslots",
		     &(struct step){ .faulted = SLOTS * PAGES });
}

/* How many pages of the memslot are in the range, and the first of them. */
static size_t slot_part(int i, size_t start, size_t end, size_t *first)
{
	size_t from = slot_start(i), to = from + PAGES;

	*first = start > from ? start - from : 0;
	from = start > from ? start : from;
	to = end < to ? end : to;
	return to > from ? to - from : 0;
}

static void check_slot(struct stage3 *s, const char *what, int i, size_t start, size_t end)
{
	struct vcpu *vcpu = &s->vm.vcpu[0];
	size_t first, count = slot_part(i, start, end, &first);

	if (!count)
		first = PAGES;
	sptes_expect(s->slot[i], 0, first, SPTES_WRITABLE, what);
	sptes_expect(s->slot[i], first + count, PAGES - first - count, SPTES_WRITABLE, what);
	guest_check(vcpu, s->slot[i], 0, first, 1);
	guest_check(vcpu, s->slot[i], first + count, PAGES - first - count, 1);
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
	require(!munmap(s->memory + start * GUEST_PAGE, (end - start) * GUEST_PAGE), "munmap: %s",
		strerror(errno));
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_UNMAP, .hva = s->memory + start * GUEST_PAGE, .pages = end - start,
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
	cut(&s, "munmap from before a memslot into it", GAP - 3, GAP + 7);
}

static void behind(void)
{
	struct stage3 s;

	set_up(&s, false);
	cut(&s, "munmap from inside a memslot to behind it", slot_start(2) + PAGES - 7, ALL);
}

static void two(void)
{
	struct stage3 s;

	set_up(&s, false);
	cut(&s, "munmap from one memslot into the next", slot_start(0) + 9, slot_start(1) + 11);
}

static void all_but_ends(void)
{
	struct stage3 s;

	set_up(&s, true);
	cut(&s, "munmap over three memslots, gfns backwards", slot_start(0) + 1,
	    slot_start(2) + PAGES - 1);
}

static void all(void)
{
	struct stage3 s;

	set_up(&s, true);
	cut(&s, "munmap of all", 0, ALL);
}

/* Nothing of the guest's is in the gap, its neighbours on both sides are. */
static void gap(void)
{
	struct stage3 s;

	set_up(&s, false);
	require(!munmap(s.memory + (slot_start(1) - GAP) * GUEST_PAGE, GAP * GUEST_PAGE), "munmap: %s",
		strerror(errno));
	witness_step(&s.witness, "munmap between two memslots", &(struct step){ 0 });
	for (int i = 0; i < SLOTS; i++)
		guest_check(&s.vm.vcpu[0], s.slot[i], 0, PAGES, 1);
	witness_step(&s.witness, "guest reads all", &(struct step){ 0 });
}

/*
 * The memslot's host address is `offset` pages past where 2 MiB begin, its gfn is not: no page
 * of it is huge for the guest, and what the host takes must be found at the shifted gfns.
 */
static void shifted(void)
{
	const size_t offset = 67, pages = LARGE + 60, first = LARGE - offset - 9, count = 23;
	char *memory = memory_alloc(offset + pages);
	struct witness witness;
	struct memslot *slot;
	struct vm vm;

	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory + offset * GUEST_PAGE, pages);
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
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "before", before },
		{ "behind", behind },
		{ "two", two },
		{ "all-but-ends", all_but_ends },
		{ "all", all },
		{ "gap", gap },
		{ "shifted", shifted },
	},
};
