// SPDX-License-Identifier: GPL-2.0-only
/*
 * The owner of a guest forks while the vCPU stays in guest mode. The guest's writes before the fork are in
 * the child, all of them and in order, and none of those after it; and once the owner has written its own
 * copy of a page, the guest does not read the one before any more.
 */
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/peer.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define ROUNDS 4

static struct stage s;
static struct peer child;
static uint64_t at_fork[PAGES];	/* the child's */

static uint64_t *word(size_t page)
{
	return slot_page(s.slot, page);
}

/*
 * The guest writes a rising number to one page after the other. The fork stops it, as the invalidation
 * of all of the memory lasts until all is copied: the first pages hold a number, the others the one before.
 */
static void expect_moment(void)
{
	uint64_t expected;

	for (size_t page = 0; page < PAGES; page++)
		at_fork[page] = *word(page);
	expected = at_fork[0];
	for (size_t page = 0; page < PAGES; page++) {
		if (at_fork[page] != expected && expected == at_fork[0])
			expected--;
		expect(at_fork[page] == expected, "the child has %lu on page 0 and %lu on page %zu",
		       at_fork[0], at_fork[page], page);
	}
}

static void expect_still(void)
{
	for (size_t page = 0; page < PAGES; page++)
		expect(*word(page) == at_fork[page], "page %zu of the child is %lu, was %lu at the fork",
		       page, *word(page), at_fork[page]);
}

static void end_child(int round)
{
	int status;

	close(child.fd);
	require(wait(&status) > 0 && !status, "the child of round %d did not end well", round);
}

static void end_of_spin(const char *what)
{
	size_t stale;
	int result;

	stale = guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	expect(!stale, "the guest read %zu words of pages that were replaced before", stale);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .also = NOTIFY_CLEAR, .hva = s.slot->hva,
		.pages = PAGES, .racing = true,
	});
}

static void while_written(void)
{
	stage_set(&s, PAGES);
	guest_spin_write_start(s.vcpu, s.slot, 0, PAGES, 0);
	for (int round = 0; round < ROUNDS; round++) {
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		peer_start(&child, "the child");
		peer_call(&child, expect_moment);
		require(guest_spin_wait(s.vcpu), "the guest stands still after fork %d", round);
		peer_call(&child, expect_still);
		end_child(round);
	}
	end_of_spin("forks under a writing guest");
	for (size_t page = 0; page < PAGES; page++)
		expect(*word(page) == guest_spin_written(s.vcpu),
		       "page %zu holds %lu, the guest wrote %lu last", page, *word(page),
		       guest_spin_written(s.vcpu));
}

/*
 * Each page's first word is the epoch of the last round. When the owner has written the next one to its
 * copies, the pages before are the child's alone, and a vCPU that reads them still is late.
 */
static void while_read(void)
{
	uint64_t epoch = 1;

	stage_set(&s, PAGES);
	guest_write_each(s.vcpu, s.slot, 0, PAGES, epoch);
	guest_spin_start(s.vcpu, s.slot, 0, PAGES, epoch);
	for (int round = 0; round < ROUNDS; round++) {
		peer_start(&child, "the child");
		peer_call(&child, expect_moment);
		require(guest_spin_wait(s.vcpu), "the guest stands still after fork %d", round);
		epoch++;
		for (size_t page = 0; page < PAGES; page++)
			*(volatile uint64_t *)word(page) = epoch;
		guest_spin_epoch(s.vcpu, epoch);
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		peer_call(&child, expect_still);
		end_child(round);
	}
	end_of_spin("copies under a reading guest");
}

const struct test test = {
	.name = "fork-race",
	.group = "cow",
	.proves = "a fork is one moment to a running guest, which then reads no page that was copied away",
	.needs = { .kvm = true, .memory_mib = 32, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "while-written", while_written },
		{ "while-read", while_read },
	},
};
