// SPDX-License-Identifier: GPL-2.0-only
/*
 * UFFDIO_MOVE takes pages from one place of a process to another by their ptes alone. The guest
 * has them no more where they were, and reads them, unchanged, where they are.
 */
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/uffd-move.h"
#include "lib/witness.h"

#define PAGES 64
#define FIRST 24
#define COUNT 17
#define LARGE THP_PAGES

struct stage2 {
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot, *to;
	struct witness witness;
	int uffd;
};

static void set_up(struct stage2 *s, char *memory, char *room, size_t pages)
{
	s->uffd = uffd_move_open(room, pages);
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory, pages);
	s->to = vm_add_memslot(&s->vm, room, pages);
	s->to->tag = s->slot->tag;
	witness_open(&s->witness, &s->vm);
}

static void move(struct stage2 *s, size_t first, size_t count)
{
	lru_drain();
	uffd_move(s->uffd, slot_page(s->to, first), slot_page(s->slot, first), count);
	witness_step(&s->witness, "UFFDIO_MOVE", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, first), .pages = count,
		.zapped = count,
	});
}

/* At the new place what was written; at the old one whatever is put there now. */
static void check_moved(struct stage2 *s, size_t first, size_t count)
{
	guest_check(s->vcpu, s->to, first, count, 1);
	witness_step(&s->witness, "guest reads what was moved", &(struct step){ .faulted = count });
	memory_fill(s->slot->hva, memory_key(s->slot->tag, 2), first, count);
	guest_check(s->vcpu, s->slot, first, count, 2);
	guest_check(s->vcpu, s->to, first, count, 1);
	memory_check("host", s->to->hva, memory_key(s->to->tag, 1), first, count);
	witness_step(&s->witness, "guest reads what took its place", &(struct step){ .faulted = count });
	uffd_move_close(s->uffd);
}

static void move_small(size_t first, size_t count)
{
	struct stage2 s;

	set_up(&s, memory_alloc(PAGES), memory_alloc(PAGES), PAGES);
	guest_fill(s.vcpu, s.slot, 0, PAGES, 1);
	witness_step(&s.witness, "guest writes", &(struct step){ .faulted = PAGES });
	move(&s, first, count);
	sptes_expect(s.slot, 0, first, SPTES_WRITABLE, "before what was moved");
	sptes_expect(s.slot, first + count, PAGES - first - count, SPTES_WRITABLE,
		     "behind what was moved");
	check_moved(&s, first, count);
}

static void whole(void)
{
	move_small(0, PAGES);
}

static void part(void)
{
	move_small(FIRST, COUNT);
}

/* One spte for each huge page; KVM must find all of it by its one pmd. */
static void huge_page(void)
{
	const size_t pages = 2 * LARGE;
	struct stage2 s;

	set_up(&s, thp_alloc(pages), thp_alloc(pages), pages);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), 0, pages);
	if (thp_count(s.slot->hva) != pages)
		skip_case("the host got %zu of %zu pages huge", thp_count(s.slot->hva), pages);
	s.witness.granule = LARGE;
	guest_check(s.vcpu, s.slot, 0, pages, 1);
	witness_step(&s.witness, "guest reads huge pages", &(struct step){ .faulted = pages });
	move(&s, 0, pages);
	expect(thp_count(s.to->hva) == pages, "the huge pages were split");
	check_moved(&s, 0, pages);
}

static void huge_zero_page(void)
{
	uint64_t value = 1;
	struct stage2 s;

	knob_set(THP_KNOBS "use_zero_page", "1");
	set_up(&s, thp_alloc(LARGE), thp_alloc(LARGE), LARGE);
	require(!*(volatile char *)s.slot->hva, "fresh memory is not zero");
	if (pagemap_count_present(s.slot->hva, LARGE) != LARGE)
		skip_case("the host maps no huge page of zeros");
	s.witness.granule = LARGE;
	require(!guest_read(s.vcpu, s.slot, 0, &value), "the guest cannot read");
	expect(!value, "guest reads %#lx of fresh memory", value);
	witness_step(&s.witness, "guest reads the huge page of zeros",
		     &(struct step){ .faulted = LARGE });
	move(&s, 0, LARGE);
	require(!guest_read(s.vcpu, s.to, LARGE - 1, &value), "the guest cannot read");
	expect(!value, "guest reads %#lx of zeros that were moved", value);
	witness_step(&s.witness, "guest reads it where it is now", &(struct step){ .faulted = LARGE });
	uffd_move_close(s.uffd);
}

const struct test test = {
	.name = "uffd_move",
	.group = "zap",
	.proves = "what UFFDIO_MOVE took is lost to the guest where it was, and whole where it is",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "whole", whole },
		{ "part", part },
		{ "huge-page", huge_page, { .files = { THP_KNOBS "enabled" } } },
		{ "huge-zero-page", huge_zero_page, { .files = { THP_KNOBS "use_zero_page" } } },
	},
};
