// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two vCPUs write the same pages and never leave guest mode of their own will, while the host takes
 * the right to write away. Once mprotect() has returned, no write gets through any more: both fault
 * out, and the pages hold what they held at that moment.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/test.h"
#include "lib/x86/nested.h"

#define PAGES 8
#define ROUNDS 3

static void protect(struct nested *n, int rights)
{
	require(!mprotect(n->slot->hva, PAGES * GUEST_PAGE, rights), "mprotect: %s", strerror(errno));
}

static void sample(const struct nested *n, uint64_t words[PAGES])
{
	for (size_t i = 0; i < PAGES; i++)
		words[i] = *(volatile uint64_t *)slot_page(n->slot, i);
}

static void expect_stopped(struct nested *n, const uint64_t then[PAGES], unsigned int round)
{
	uint64_t now[PAGES];

	for (unsigned int i = 0; i < 2; i++) {
		int result = vcpu_join(&n->vm.vcpu[i]);

		expect(result == -EFAULT, "round %u: vCPU %u did not fault out (%d)", round, i, result);
	}
	sample(n, now);
	for (size_t i = 0; i < PAGES; i++)
		expect(now[i] == then[i], "round %u: page %zu went from %lu to %lu after mprotect", round, i,
		       then[i], now[i]);
}

static void write_until_protected(struct nested *n, unsigned int round)
{
	uint64_t words[PAGES], before = 0, after = 0;
	bool counted;

	guest_spin_write_start(n->guest, n->slot, 0, PAGES, 0);
	guest_spin_write_start(n->nested, &n->view, 0, PAGES, 0);
	require(guest_spin_wait(n->guest) && guest_spin_wait(n->nested), "round %u: a vCPU stands still",
		round);
	counted = vm_stat(&n->vm, "remote_tlb_flush_requests", &before);
	protect(n, PROT_READ);
	sample(n, words);
	if (counted && vm_stat(&n->vm, "remote_tlb_flush_requests", &after))
		expect(after > before, "round %u: no vCPU was asked to flush its TLB", round);
	expect_stopped(n, words, round);
	protect(n, PROT_READ | PROT_WRITE);
}

static void run(bool nested)
{
	struct nested n;

	nested_set_up_pair(&n, nested, memory_alloc(PAGES), PAGES);
	for (unsigned int round = 0; round < ROUNDS; round++)
		write_until_protected(&n, round);
	witness_step(&n.witness, "mprotect under writing guests", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .also = NOTIFY_CLEAR, .hva = n.slot->hva, .pages = PAGES,
		.racing = true,
	});
}

static void in_guest(void)
{
	run(false);
}

static void in_nested_guest(void)
{
	run(true);
}

const struct test test = {
	.name = "protect",
	.group = "flush",
	.proves = "a vCPU that never leaves guest mode stops writing once mprotect has returned",
	.needs = { .kvm = true, .memory_mib = 32, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "guest", in_guest },
		{ "nested", in_nested_guest },
	},
};
