// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which memory KSM looks at, and how often, is no guest's business: what a whole process was signed
 * up for is merged like what one call registered, and what was passed over for a while is merged in
 * the end.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "lib/check.h"
#include "lib/guest-arch.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/ksm-guest.h"
#include "lib/ksm.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/numa.h"
#include "lib/sptes.h"
#include "lib/sysfile.h"
#include "lib/test.h"

#define PAGES 32
#define TURNS 4		/* of ksm_merge(): a page that never merged is passed over for up to 8 scans */
#define KSM "/sys/kernel/mm/ksm/"

#ifndef PR_SET_MEMORY_MERGE	/* Linux 6.4 */
#define PR_SET_MEMORY_MERGE 67
#endif

static struct ksm_guest guest;

static uint64_t pages_skipped(void)
{
	uint64_t skipped = 0;
	int err = sysfile_read_u64(KSM "pages_skipped", &skipped);

	require(!err, "%s: %s", KSM "pages_skipped", strerror(-err));
	return skipped;
}

static void scan_in_turns(void)
{
	for (int turn = 0; turn < TURNS; turn++)
		ksm_merge();
}

/* Pages that found no equal are passed over more and more often; once they have one, they merge. */
static void smart(void)
{
	uint64_t skipped;

	ksm_guest_create(&guest, PAGES);
	knob_set(KSM "smart_scan", "1");
	require(!guest_fill(guest.vcpu, guest.slot[0], 0, PAGES, 1) &&
		!guest_fill(guest.vcpu, guest.slot[1], 0, PAGES, 2), "the guest cannot write");
	witness_step(&guest.witness, "guest writes what is not alike", &(struct step){
		.faulted = 2 * PAGES,
	});
	skipped = pages_skipped();
	scan_in_turns();
	expect(pages_skipped() > skipped, "no page was passed over");
	require(!guest_fill(guest.vcpu, guest.slot[1], 0, PAGES, 1), "the guest cannot write");
	witness_step(&guest.witness, "guest makes them alike", &(struct step){ 0 });
	scan_in_turns();
	witness_step(&guest.witness, "KSM merges", &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = 2 * PAGES, .zapped = 2 * PAGES,
	});
	ksm_guest_expect_merged(&guest, "KSM merges", 0, PAGES, true);
	ksm_guest_read(&guest, "guest reads merged pages", 2 * PAGES);
}

static void move_second_half(int node)
{
	lru_drain();
	numa_move_pages(guest.slot[1]->hva, PAGES, node);
	witness_step(&guest.witness, "half of them move", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(guest.slot[1], 0), .pages = PAGES,
		.zapped = PAGES,
	});
}

/* Each node has pages of its own merged, and none of the other. */
static void each_node(void)
{
	ksm_guest_create(&guest, PAGES);
	ksm_set_tree("merge_across_nodes", "0");
	ksm_guest_fill(&guest);
	move_second_half(1);
	ksm_merge();
	witness_step(&guest.witness, "none merges with one of another node", &(struct step){ 0 });
	ksm_guest_read(&guest, "guest reads", PAGES);
	move_second_half(0);
	ksm_merge();
	witness_step(&guest.witness, "KSM merges in one node", &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = 2 * PAGES, .zapped = PAGES,
	});
	ksm_guest_expect_merged(&guest, "KSM merges in one node", 0, PAGES, true);
	ksm_guest_read(&guest, "guest reads merged pages", 2 * PAGES);
}

static void sign_up(bool on)
{
	int err = prctl(PR_SET_MEMORY_MERGE, on, 0, 0, 0) ? errno : 0;

	if (on && err == EINVAL)
		skip_case("kernel without prctl(PR_SET_MEMORY_MERGE)");
	require(!err, "prctl(PR_SET_MEMORY_MERGE, %d): %s", on, strerror(err));
}

static void whole_process(void)
{
	ksm_guest_create_unregistered(&guest, PAGES);
	ksm_guest_fill(&guest);
	sign_up(true);
	/* Not the test guest itself: its sptes would count. */
	ksm_unmerge(guest.vm.system, arch_system_size() / GUEST_PAGE);
	ksm_guest_merge(&guest);
	ksm_guest_read(&guest, "guest reads merged pages", 2 * PAGES);
	sptes_expect(guest.slot[0], 0, PAGES, SPTES_READ_ONLY, "guest reads merged pages");
	sign_up(false);
	witness_step(&guest.witness, "unmerge of the process", &(struct step){
		.event = NOTIFY_CLEAR, .hva = guest.memory, .pages = 2 * PAGES, .zapped = 2 * PAGES,
	});
	ksm_guest_expect_merged(&guest, "unmerge of the process", 0, PAGES, false);
	ksm_guest_read(&guest, "guest reads its own pages", 2 * PAGES);
}

const struct test test = {
	.name = "scan",
	.group = "ksm",
	.proves = "how KSM comes to look at a page changes nothing for the guest whose page it is",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "smart", smart, { .files = { KSM "smart_scan" } } },
		{ "process", whole_process },
		{ "nodes", each_node, { .files = { "/sys/devices/system/node/node1", KSM "merge_across_nodes" } } },
	},
};
