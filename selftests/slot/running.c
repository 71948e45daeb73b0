// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU reads a memslot over and over and never leaves guest mode of its own will, while this memslot is
 * deleted, moved, resized, or put over other memory. It must run out of it at once, with MMIO, and find there
 * afterwards what is there then: neither an spte nor a TLB may keep what was.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"

#define PAGES 64
#define LEFT 40		/* of a memslot that is made smaller */
#define ROUNDS 2
#define ROUNDS_AT_ONCE 6	/* where the guest may leave or not, as it happens */
#define FAR (64 * PAGES * GUEST_PAGE)

static char *memory[2];
static uint64_t epoch;	/* what the memslot's pages hold, all of them */

static void set_up(struct stage *s)
{
	memory[0] = memory_alloc(PAGES);
	memory[1] = memory_alloc(PAGES);
	stage_make(s, memory[0], PAGES);
	witness_open(&s->witness, &s->vm);
	epoch = 0;
}

/* Each write is newer than all that the guest may have read before. */
static void write_epoch(char *hva)
{
	epoch++;
	for (size_t page = 0; page < PAGES; page++)
		*(volatile uint64_t *)(hva + page * GUEST_PAGE) = epoch;
}

/* With no pages the memslot is gone. */
static void set_slot(struct stage *s, size_t pages)
{
	s->slot->pages = pages;
	memslot_set_flags(s->slot, 0);
}

static void start_reading(struct stage *s)
{
	guest_spin_start(s->vcpu, s->slot, 0, s->slot->pages, epoch);
	require(guest_spin_wait(s->vcpu), "the guest stands still at epoch %lu", epoch);
}

/* The vCPU was in there when that was done. */
static void expect_left(struct stage *s, const struct memslot *gone, const char *what)
{
	guest_spin_faults(s->vcpu);
	expect(s->vcpu->result == -EREMOTE, "%s: the guest %s", what,
	       s->vcpu->result ? "faulted out" : "goes on reading");
	expect(!s->vcpu->mailbox->bad, "%s: the guest read %lu wrong words", what, s->vcpu->mailbox->bad);
	sptes_expect(gone, 0, PAGES, SPTES_NONE, what);
	witness_step(&s->witness, what, &(struct step){ .racing = true });
}

static void stop_reading(struct stage *s, const char *what)
{
	int result;
	size_t stale = guest_spin_stop(s->vcpu, &result);

	expect(!result, "%s: the guest lost a memslot that was there all the time (%d)", what, result);
	expect(!stale, "%s: the guest read %zu words older than what was there", what, stale);
}

/*
 * The guest reads what the memslot has now; the host replaces it meanwhile, and must find the sptes at the
 * gfns that it has now.
 */
static void check_reading(struct stage *s, const char *what)
{
	const size_t pages = s->slot->pages;

	start_reading(s);
	guest_spin_epoch(s->vcpu, 0);	/* whatever it reads is right */
	require(guest_spin_wait(s->vcpu), "%s: the guest stands still", what);
	witness_step(&s->witness, what, &(struct step){ .racing = true });
	require(!madvise(s->slot->hva, pages * GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	write_epoch(s->slot->hva);
	guest_spin_epoch(s->vcpu, epoch);
	require(guest_spin_wait(s->vcpu), "%s: the guest stands still afterwards", what);
	stop_reading(s, what);
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->slot->hva, .pages = pages, .racing = true,
	});
	sptes_expect(s->slot, 0, pages, SPTES_MAPPED, what);
	sptes_check(&s->vm, what, true);
}

static void begin_round(struct stage *s)
{
	write_epoch(s->slot->hva);
	start_reading(s);
}

static void delete_under_reader(struct stage *s, const char *what)
{
	const struct memslot old = *s->slot;

	begin_round(s);
	set_slot(s, 0);
	expect_left(s, &old, what);
}

static void deleted(void)
{
	struct stage s;

	set_up(&s);
	for (int round = 0; round < ROUNDS; round++) {
		delete_under_reader(&s, "memslot deleted");
		write_epoch(s.slot->hva);
		set_slot(&s, PAGES);
		check_reading(&s, "the same added again");
	}
}

/* The same gfns, other memory: what was there stays in memory, so that reading it would show. */
static void replaced(void)
{
	struct stage s;

	set_up(&s);
	for (int round = 0; round < ROUNDS; round++) {
		delete_under_reader(&s, "memslot deleted");
		s.slot->hva = memory[(round + 1) % 2];
		write_epoch(s.slot->hva);
		set_slot(&s, PAGES);
		check_reading(&s, "other memory added");
	}
}

/*
 * Between both calls the guest may find nothing, and leave with MMIO; or be late, and find the other memory.
 */
static void replaced_at_once(void)
{
	struct stage s;

	set_up(&s);
	for (int round = 0; round < ROUNDS_AT_ONCE; round++) {
		begin_round(&s);
		s.slot->hva = memory[(round + 1) % 2];
		write_epoch(s.slot->hva);
		set_slot(&s, 0);
		set_slot(&s, PAGES);
		guest_spin_epoch(s.vcpu, epoch);
		guest_spin_faults(s.vcpu);
		expect(!s.vcpu->result || s.vcpu->result == -EREMOTE,
		       "the guest faulted out of memory that is there (%d)", s.vcpu->result);
		expect(!s.vcpu->mailbox->bad, "the guest read %lu words of memory that was replaced",
		       s.vcpu->mailbox->bad);
		check_reading(&s, "other memory at once");
	}
}

/* In one call, to and fro. */
static void moved(void)
{
	struct stage s;

	set_up(&s);
	for (int round = 0; round < ROUNDS; round++) {
		const struct memslot old = *s.slot;

		begin_round(&s);
		s.slot->gpa += round % 2 ? -FAR : FAR;
		set_slot(&s, PAGES);
		expect_left(&s, &old, "memslot moved");
		check_reading(&s, "the moved one");
	}
}

/* Of what it is smaller by, nothing is left to read. */
static void expect_end(struct stage *s, size_t pages)
{
	struct memslot rest = *s->slot;
	uint64_t value;

	for (size_t page = pages; page < PAGES; page++)
		expect(guest_read(s->vcpu, &rest, page, &value) == -EREMOTE, "page %zu can be read", page);
	sptes_expect(&rest, pages, PAGES - pages, SPTES_NONE, "behind the smaller one");
}

static void resized(void)
{
	struct stage s;

	set_up(&s);
	for (int round = 0; round < ROUNDS; round++) {
		const size_t pages = round % 2 ? PAGES : LEFT;

		delete_under_reader(&s, "memslot to be resized");
		write_epoch(s.slot->hva);
		set_slot(&s, pages);
		check_reading(&s, "the resized one");
		expect_end(&s, pages);
	}
}

const struct test test = {
	.name = "running",
	.group = "slot",
	.proves = "a vCPU that reads a memslot runs out of it when it goes, and never reads what was there before",
	.needs = { .kvm = true, .memory_mib = 32, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "deleted", deleted, .full = "replaced says more: the memory is another" },
		{ "replaced", replaced },
		{ "replaced-at-once", replaced_at_once, .full = "a race whose certain part is in replaced" },
		{ "moved", moved },
		{ "resized", resized },
	},
};
