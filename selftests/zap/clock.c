// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM writes the time to a page of the guest, by a translation of its own that is no spte
 * (virt/kvm/pfncache.c). When the host puts another page there, the time must be written to that one, and
 * not to the one before, which may be anybody's by then.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/witness.h"
#include "lib/x86/pvclock.h"

#define PAGES 8
#define CLOCK 3		/* the page with the time, which the guest never touches */
#define SWAP_MIB 16

static struct stage s;
static struct pvclock last;	/* as it was told last */

static volatile struct pvclock *told(void)
{
	return slot_page(s.slot, CLOCK);
}

/*
 * The time is in the page that is there now, and newer than the last. Older kernels read the page before they
 * write it, and what they find is the zero page, which is copied then (5.10).
 */
static void expect_told(const char *what)
{
	struct pvclock now;

	pvclock_tell(s.vcpu);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, CLOCK), .pages = 1, .partial = true,
	});
	now = *told();
	expect(now.version && now.version % 2 == 0 && now.tsc_to_system_mul,
	       "%s: version %u, factor %u: KVM did not write the time there", what, now.version,
	       now.tsc_to_system_mul);
	expect(now.tsc_timestamp > last.tsc_timestamp,
	       "%s: the time is that of TSC %lu, was of %lu before", what, now.tsc_timestamp,
	       last.tsc_timestamp);
	last = now;
}

static void set_up(void)
{
	stage_make(&s, memory_alloc(PAGES), PAGES);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
	memset(slot_page(s.slot, CLOCK), 0, GUEST_PAGE);
	witness_open(&s.witness, &s.vm);
	pvclock_enable(s.vcpu, s.slot->gpa + CLOCK * GUEST_PAGE);
	expect_told("KVM tells the time");
	expect_told("KVM tells the time again");
}

/* All but the page with the time is as it was. */
static void expect_others(void)
{
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, CLOCK);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), CLOCK + 1, PAGES - CLOCK - 1);
}

static void step(const char *what, enum notify event)
{
	witness_step(&s.witness, what, &(struct step){
		.event = event, .hva = slot_page(s.slot, CLOCK), .pages = 1,
	});
}

static void dropped(void)
{
	set_up();
	require(!madvise(slot_page(s.slot, CLOCK), GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	step("the page is dropped", NOTIFY_CLEAR);
	expect_told("KVM tells the time in a new page");
	expect_others();
}

static void replaced(void)
{
	void *page;

	set_up();
	page = slot_page(s.slot, CLOCK);
	require(mmap(page, GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0) == page, "mmap: %s", strerror(errno));
	step("another page takes its place", NOTIFY_UNMAP);
	expect_told("KVM tells the time in the other page");
	expect_others();
}

static void swapped(void)
{
	swap_on(SWAP_MIB);
	set_up();
	swap_out(slot_page(s.slot, CLOCK), 1);
	step("the page is swapped", NOTIFY_CLEAR);
	expect_told("KVM tells the time in a page from swap");
	expect_others();
}

static struct pvclock at_fork;

static void child_remembers(void)
{
	at_fork = *told();
}

static void child_expects_same(void)
{
	expect(told()->version == at_fork.version && told()->tsc_timestamp == at_fork.tsc_timestamp,
	       "KVM told the child the time: version %u, was %u", told()->version, at_fork.version);
}

/* The page is the child's when the owner has a copy, and the owner's VM must leave it alone. */
static void forked(void)
{
	struct peer child;

	set_up();
	peer_start(&child, "the child");
	witness_step(&s.witness, "fork", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = s.slot->hva, .pages = PAGES,
	});
	peer_call(&child, child_remembers);
	memset(slot_page(s.slot, CLOCK), 0, GUEST_PAGE);
	step("the owner gets a copy", NOTIFY_CLEAR);
	expect_told("KVM tells the time in the copy");
	peer_call(&child, child_expects_same);
	expect_others();
}

const struct test test = {
	.name = "clock",
	.group = "zap",
	.proves = "KVM writes the guest's time to the page that is there, not to one that was taken",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "dropped", dropped },
		{ "replaced", replaced },
		{ "swapped", swapped, { .swap = true } },
		{ "forked", forked },
	},
};
