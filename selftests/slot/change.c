// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memslots are deleted, moved, made smaller and larger, and put over other memory, while the
 * guest goes on. No spte of what was there before is used again.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/turns.h"

#define PAGES 64
#define LEFT 40		/* of a memslot that is made smaller */
#define ROUNDS 20
#define TURNS 4	/* of who replaces memory meanwhile, a round */

/*
 * KVM zaps all of a VM when a memslot goes (KVM_X86_QUIRK_SLOT_ZAP_ALL), or the memslot alone:
 * one of both it must be.
 */
static void expect_zapped(struct stage *s, const char *what, uint64_t before, uint64_t gone)
{
	struct sptes_count now;

	witness_step(&s->witness, what, &(struct step){ .racing = true });
	if (sptes_count(&s->vm, &now))
		expect(!now.leaves[0] || now.leaves[0] == before - gone,
		       "%s: %lu of %lu sptes are left", what, now.leaves[0], before);
}

static uint64_t count_sptes(struct stage *s)
{
	struct sptes_count count;

	return sptes_count(&s->vm, &count) ? count.leaves[0] : 0;
}

static void set_slot(const struct memslot *slot, uint64_t gpa, char *hva, size_t pages)
{
	struct memslot changed = *slot;

	changed.gpa = gpa;
	changed.hva = hva;
	changed.pages = pages;
	memslot_set_flags(&changed, 0);
}

static void delete(struct stage *s, struct memslot *slot)
{
	uint64_t before = count_sptes(s);

	set_slot(slot, slot->gpa, slot->hva, 0);
	expect_zapped(s, "memslot deleted", before, slot->pages);
}

/* Behind these pages there is no memory at all for the guest: it leaves KVM with MMIO. */
static void expect_nothing(struct stage *s, const struct memslot *slot, size_t first, size_t count)
{
	size_t there = 0;
	uint64_t value;

	for (size_t page = first; page < first + count; page++)
		there += guest_read(s->vcpu, slot, page, &value) != -EREMOTE;
	expect(!there, "%zu of %zu pages without a memslot can be read", there, count);
	sptes_expect(slot, first, count, SPTES_NONE, "without a memslot");
}

/* All of it by the guest and the host, mapped anew by as many sptes. */
static void check_all(struct stage *s, const struct memslot *slot, size_t count,
		      unsigned int version)
{
	guest_check(s->vcpu, slot, 0, count, version);
	witness_step(&s->witness, "guest reads", &(struct step){ .racing = true });
	sptes_expect(slot, 0, count, SPTES_MAPPED, "guest reads");
	memory_check("host", slot->hva, memory_key(slot->tag, version), 0, count);
}

static void deleted(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	delete(&s, s.slot);
	expect_nothing(&s, s.slot, 0, PAGES);
	set_slot(s.slot, s.slot->gpa, s.slot->hva, PAGES);
	check_all(&s, s.slot, PAGES, 1);
}

static void moved(void)
{
	struct memslot old;
	uint64_t before;
	struct stage s;

	stage_set(&s, PAGES);
	old = *s.slot;
	before = count_sptes(&s);
	s.slot->gpa += 64 * PAGES * GUEST_PAGE;
	set_slot(s.slot, s.slot->gpa, s.slot->hva, PAGES);
	expect_zapped(&s, "memslot moved", before, PAGES);
	expect_nothing(&s, &old, 0, PAGES);
	check_all(&s, s.slot, PAGES, 1);
	/* The host's addresses are the same, the gfns are others. */
	require(!munmap(s.slot->hva, LEFT * GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap behind the moved one", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s.slot->hva, .pages = LEFT, .zapped = LEFT,
	});
}

static void resized(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	delete(&s, s.slot);
	set_slot(s.slot, s.slot->gpa, s.slot->hva, LEFT);
	check_all(&s, s.slot, LEFT, 1);
	expect_nothing(&s, s.slot, LEFT, PAGES - LEFT);
	set_slot(s.slot, s.slot->gpa, s.slot->hva, 0);
	set_slot(s.slot, s.slot->gpa, s.slot->hva, PAGES);
	check_all(&s, s.slot, PAGES, 1);
}

/* The same gfns, other memory. */
static void replaced(void)
{
	char *other = memory_alloc(PAGES);
	struct stage s;

	stage_set(&s, PAGES);
	memory_fill(other, memory_key(s.slot->tag, 2), 0, PAGES);
	delete(&s, s.slot);
	s.slot->hva = other;
	set_slot(s.slot, s.slot->gpa, other, PAGES);
	check_all(&s, s.slot, PAGES, 2);
	memory_check("host", s.memory.hva, memory_key(s.slot->tag, 1), 0, PAGES);
}

/* What the memslot had is unmapped when it is gone: of no interest to KVM, and to nobody else. */
static void unmapped_after(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	delete(&s, s.slot);
	s.slot->pages = 0;
	require(!munmap(s.memory.hva, PAGES * GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap of what was a memslot", &(struct step){ 0 });
	expect_nothing(&s, s.slot, 0, PAGES);
}

static struct memslot other;

/* Between the start and the end of an invalidation KVM may not forget or find a memslot (kvm->mn_active_invalidate_count). */
static void replace_other(void)
{
	madvise(other.hva, PAGES * GUEST_PAGE, MADV_DONTNEED);
	memory_fill(other.hva, memory_key(other.tag, 1), 0, PAGES);
}

static void *replacer(void *unused)
{
	turns_take(replace_other);
	return unused;
}

/* Another memslot comes and goes all the time, and its memory with it. */
static void while_read(void)
{
	pthread_t thread;
	struct stage s;
	size_t stale;
	int result;

	stage_set(&s, PAGES);
	other = *s.slot;
	other.id = s.vm.slot_count + 1;
	other.gpa += 64 * PAGES * GUEST_PAGE;
	other.hva = memory_alloc(PAGES);
	turns_prepare();
	require(!pthread_create(&thread, NULL, replacer, NULL), "no thread");
	for (size_t page = 0; page < PAGES; page++)
		*(uint64_t *)slot_page(s.slot, page) = 1;
	guest_spin_start(s.vcpu, s.slot, 0, PAGES, 1);
	for (uint64_t epoch = 2; epoch < 2 + ROUNDS; epoch++) {
		turns_grant(0, TURNS);
		set_slot(&other, other.gpa, other.hva, PAGES);
		for (size_t page = 0; page < PAGES; page++)
			__atomic_store_n((uint64_t *)slot_page(s.slot, page), epoch, __ATOMIC_SEQ_CST);
		guest_spin_epoch(s.vcpu, epoch);
		set_slot(&other, other.gpa, other.hva, 0);
		require(guest_spin_wait(s.vcpu), "the guest stands still at epoch %lu", epoch);
	}
	turns_stop();
	pthread_join(thread, NULL);
	stale = guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest lost a memslot that was there all the time");
	expect(!stale, "the guest read %zu words older than what was there", stale);
	witness_step(&s.witness, "memslots under a reading guest", &(struct step){ .racing = true });
	guest_read(s.vcpu, s.slot, 0, &(uint64_t){ 0 });
	sptes_check(&s.vm, "afterwards", true);
}

const struct test test = {
	.name = "change",
	.group = "slot",
	.proves = "no spte of a memslot outlives its deletion, move, resize or replacement",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "deleted", deleted },
		{ "moved", moved },
		{ "resized", resized },
		{ "replaced", replaced },
		{ "unmapped-after", unmapped_after },
		{ "while-read", while_read, { .cpus = 2 } },
	},
};
