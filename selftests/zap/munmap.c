// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host takes memory away from under a guest with munmap(). No translation to the old pages may
 * survive: the guest faults out, or finds the page that took their place.
 */
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64	/* of each of the two memslots */
#define MIDDLE 24	/* a part, neither at an end nor aligned to the 8-page prefetch window */
#define PART 17
#define ROUNDS 10

/* A guest with two memslots, all of their pages written by it. */
struct stage {
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot, *neighbour;
	struct witness witness;
};

static void set_up(struct stage *s)
{
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory_alloc(PAGES), PAGES);
	s->neighbour = vm_add_memslot(&s->vm, memory_alloc(PAGES), PAGES);
	witness_open(&s->witness, &s->vm);

	guest_fill(s->vcpu, s->slot, 0, PAGES, 1);
	guest_fill(s->vcpu, s->neighbour, 0, PAGES, 1);
	witness_step(&s->witness, "guest writes both memslots", &(struct step){ .faulted = 2 * PAGES });
}

static void unmap(struct stage *s, const char *what, size_t first, size_t count)
{
	munmap(slot_page(s->slot, first), count * GUEST_PAGE);
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot_page(s->slot, first), .pages = count, .zapped = count,
	});
	guest_expect_efault(s->vcpu, s->slot, first, count, false);
	guest_expect_efault(s->vcpu, s->slot, first, count, true);
	witness_step(&s->witness, "guest faults out", &(struct step){ 0 });
}

/* What was not unmapped is still there, under the translations that were there before. */
static void check_untouched(struct stage *s, size_t first, size_t count)
{
	guest_check(s->vcpu, s->slot, first, count, 1);
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 1), first, count);
	guest_check(s->vcpu, s->neighbour, 0, PAGES, 1);
	memory_check("host", s->neighbour->hva, memory_key(s->neighbour->tag, 1), 0, PAGES);
	witness_step(&s->witness, "all read what stayed", &(struct step){ 0 });
}

static void whole(void)
{
	struct stage s;

	set_up(&s);
	unmap(&s, "munmap of a whole memslot", 0, PAGES);
	check_untouched(&s, 0, 0);
}

static void part(void)
{
	struct stage s;

	set_up(&s);
	unmap(&s, "munmap inside a memslot", MIDDLE, PART);
	check_untouched(&s, 0, MIDDLE);
	check_untouched(&s, MIDDLE + PART, PAGES - MIDDLE - PART);
}

static void ends(void)
{
	struct stage s;

	set_up(&s);
	unmap(&s, "munmap of the first page", 0, 1);
	unmap(&s, "munmap of the last page", PAGES - 1, 1);
	check_untouched(&s, 1, PAGES - 2);
}

static void replaced(void)
{
	struct stage s;
	void *hole;

	set_up(&s);
	hole = slot_page(s.slot, MIDDLE);
	require(mmap(hole, PART * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == hole, "MAP_FIXED failed");
	madvise(hole, PART * GUEST_PAGE, MADV_NOHUGEPAGE);
	witness_step(&s.witness, "MAP_FIXED over a part", &(struct step){
		.event = NOTIFY_UNMAP, .hva = hole, .pages = PART, .zapped = PART,
	});
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), MIDDLE, PART);
	guest_check(s.vcpu, s.slot, MIDDLE, PART, 2);
	witness_step(&s.witness, "guest reads the new pages", &(struct step){ .faulted = PART });
	check_untouched(&s, 0, MIDDLE);
	check_untouched(&s, MIDDLE + PART, PAGES - MIDDLE - PART);
}

/* Pages whose first word is the epoch, moved over the memslot in one go. */
static void move_epoch_over(const struct memslot *slot, uint64_t epoch)
{
	char *fresh = memory_alloc(PAGES);
	size_t page;

	for (page = 0; page < PAGES; page++)
		*(uint64_t *)(fresh + page * GUEST_PAGE) = epoch;
	require(mremap(fresh, PAGES * GUEST_PAGE, PAGES * GUEST_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       slot->hva) == slot->hva, "mremap over the memslot failed");
}

/*
 * The vCPU stays in guest mode and reads all the time: an spte that is zapped without a TLB flush
 * shows here, and nowhere else.
 */
static void replaced_while_read(void)
{
	size_t stale;
	struct stage s;
	uint64_t epoch;
	int result;

	set_up(&s);
	move_epoch_over(s.slot, 1);
	witness_step(&s.witness, "first mremap", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	guest_spin_start(s.vcpu, s.slot, 0, PAGES, 1);
	for (epoch = 2; epoch < 2 + ROUNDS; epoch++) {
		require(guest_spin_wait(s.vcpu), "the guest stands still at epoch %lu", epoch);
		move_epoch_over(s.slot, epoch);
		guest_spin_epoch(s.vcpu, epoch);
	}
	require(guest_spin_wait(s.vcpu), "the guest stands still at the end");
	stale = guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	expect(!stale, "the guest read %zu words of pages that were replaced before", stale);
	witness_step(&s.witness, "mremap under a reading guest", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s.slot->hva, .pages = PAGES, .racing = true,
	});
}

const struct test test = {
	.name = "munmap",
	.group = "zap",
	.proves = "after munmap a guest faults out or sees the new page, never the old one",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "whole", whole },
		{ "part", part },
		{ "ends", ends },
		{ "replaced", replaced },
		{ "replaced-while-read", replaced_while_read, { .cpus = 2 } },
	},
};
