// SPDX-License-Identifier: GPL-2.0-only
/*
 * KSM announces a page when it write-protects it, and again when it puts the page of another in its place. A guest
 * that reads in between has the page once more, and must lose it once more, or it reads memory that is anybody's by
 * then. VMs without memory make that time longer: of each invalidation they are told after the guest's VM, as
 * they are older than it. That makes too many events to be kept, so none are.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm-guest.h"
#include "lib/ksm.h"
#include "lib/kvm-probe.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"

#define PAGES KSM_GUEST_PAGES_MAX	/* that are replaced by as many others */
#define LISTENERS 64
#define ROUNDS 20		/* at most, until a page was read in between */

static struct ksm_guest guest;

static uint64_t count_faults(void)
{
	uint64_t faults = 0;

	vm_vcpu_stat(&guest.vm, "pf_fixed", &faults);
	return faults;
}

static void make_listeners(void)
{
	const int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	for (int i = 0; i < LISTENERS; i++)
		require(ioctl(kvm, KVM_CREATE_VM, 0) >= 0, "KVM_CREATE_VM: %s", strerror(errno));
}

/*
 * The guest reads the memslot whose pages KSM meets first, which are those that it gives back. Returns how often
 * it faulted.
 */
static uint64_t merge_while_read(void)
{
	uint64_t faults = count_faults();
	int result;

	guest_spin_start(guest.vcpu, guest.slot[0], 0, PAGES, 0);
	require(guest_spin_wait(guest.vcpu), "the guest stands still before the merge");
	ksm_merge();
	guest_spin_stop(guest.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	witness_step(&guest.witness, "KSM merges what a guest reads", &(struct step){ .racing = true });
	return count_faults() - faults;
}

/*
 * Who faults but once for each page does so after both announcements. False: it was so each time; where KVM does
 * not count, or a fault maps its neighbours as well, nothing tells.
 */
static bool merge_until_reread(void)
{
	const bool tells = guest.witness.counters && !kvm_probe_prefetch();
	uint64_t faults;
	int round = 0;

	do {
		for (int half = 0; half < 2; half++)
			require(!guest_fill(guest.vcpu, guest.slot[half], 0, PAGES, 1), "the guest cannot write");
		witness_step(&guest.witness, "guest writes", &(struct step){ .racing = true });
		faults = merge_while_read();
	} while (tells && faults <= PAGES && ++round < ROUNDS && !check_failed());
	return !tells || faults > PAGES;
}

/* KSM leaves alone a page of which KVM, in a fault, holds a reference. */
static void merge_the_rest(void)
{
	ksm_merge();
	witness_step(&guest.witness, "KSM merges the rest", &(struct step){ .racing = true });
	ksm_guest_expect_merged(&guest, "KSM merges the rest", 0, PAGES, true);
}

static void while_read(void)
{
	static const char what[] = "guest reads what was merged";
	bool reread;

	make_listeners();
	ksm_guest_create(&guest, PAGES);
	reread = merge_until_reread();
	merge_the_rest();
	for (int half = 0; half < 2; half++) {
		guest_check(guest.vcpu, guest.slot[half], 0, PAGES, 1);
		sptes_expect(guest.slot[half], 0, PAGES, SPTES_READ_ONLY, what);
	}
	witness_step(&guest.witness, what, &(struct step){ .racing = true });
	ksm_guest_read(&guest, "guest reads again", 0);
	memory_check("host", guest.memory, memory_key(guest.slot[0]->tag, 1), 0, PAGES);
	if (!reread && !check_failed())
		skip_case("the guest read no page between KSM's two announcements of it");
}

const struct test test = {
	.name = "reread",
	.group = "ksm",
	.proves = "a page that a guest reads while KSM replaces it is not left to the guest",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.timeout_s = 30,
	.cases = {
		{ "while-read", while_read },
	},
};
