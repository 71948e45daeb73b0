// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host makes guard pages of a part of a guest's memory (MADV_GUARD_INSTALL): what is there is gone,
 * and nobody may touch it, until the guards are taken away, which leaves fresh pages.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

/* linux/mman.h, since 6.13 */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif

#define PAGES 64
#define MIDDLE 24
#define PART 17
#define ROUNDS 10

static struct stage s;

static void advise(int advice)
{
	if (!madvise(slot_page(s.slot, MIDDLE), PART * GUEST_PAGE, advice))
		return;
	if (errno == EINVAL)
		skip_case("kernel without MADV_GUARD_INSTALL");
	fail("madvise(%d): %s", advice, strerror(errno));
}

static void install(const char *what, size_t zapped)
{
	advise(MADV_GUARD_INSTALL);
	witness_step(&s.witness, what, &(struct step){
		.event = zapped ? NOTIFY_CLEAR : NOTIFY_NONE, .hva = slot_page(s.slot, MIDDLE),
		.pages = PART, .zapped = zapped,
	});
	stage_expect_gone(&s, MIDDLE, PART);
	stage_read_others(&s, MIDDLE, PART);
}

static void remove_guards(void)
{
	advise(MADV_GUARD_REMOVE);
	witness_step(&s.witness, "guards are removed", &(struct step){ 0 });
}

static void installed_and_removed(void)
{
	stage_set(&s, PAGES);
	install("guards are installed", PART);
	install("guards are installed where they are", 0);
	remove_guards();
	for (size_t page = MIDDLE; page < MIDDLE + PART; page++) {
		uint64_t value;

		require(!guest_read(s.vcpu, s.slot, page, &value), "the guest cannot read page %zu", page);
		expect(!value, "the guest reads %#lx on the fresh page %zu", value, page);
	}
	witness_step(&s.witness, "guest reads fresh pages", &(struct step){ .faulted = PART });
	guest_fill(s.vcpu, s.slot, MIDDLE, PART, 2);
	witness_step(&s.witness, "guest writes fresh pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, MIDDLE), .pages = PART, .zapped = PART,
		.faulted = PART,
	});
	stage_read(&s, "all read the part", MIDDLE, PART, 2, 0);
	stage_read_others(&s, MIDDLE, PART);
	install("guards are installed over them", PART);
}

/* The running guest runs into the guards, each time. */
static void while_read(void)
{
	stage_set(&s, PAGES);
	for (int round = 0; round < ROUNDS; round++) {
		guest_spin_start(s.vcpu, s.slot, 0, PAGES, 0);
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		advise(MADV_GUARD_INSTALL);
		require(guest_spin_faults(s.vcpu), "the guest was not stopped from reading");
		advise(MADV_GUARD_REMOVE);
	}
	witness_step(&s.witness, "guards under a reading guest", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, MIDDLE), .pages = PART, .racing = true,
	});
}

const struct test test = {
	.name = "guard",
	.group = "protect",
	.proves = "a guest faults out of guard pages, and finds fresh pages when they are gone",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "installed-and-removed", installed_and_removed },
		{ "while-read", while_read, { .cpus = 2 } },
	},
};
