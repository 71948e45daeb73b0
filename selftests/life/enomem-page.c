// SPDX-License-Identifier: GPL-2.0-only
/*
 * One allocation after the other fails while pages of a guest are swapped, moved, merged or copied. The page
 * stays where it was or got where it should; what was started is ended, nothing is lost, and the guest
 * goes on.
 */
#include <errno.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/failing-act.h"
#include "lib/fault-injection.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/knob.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/peer.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/waiting.h"

#define PAGES 32
#define FEW 8		/* that are merged: each takes several allocations, and each attempt several scans */
#define SWAP_MIB 16
#define HUGE 512	/* pages of a hugetlb page */

static struct stage s;
static struct peer child;
static unsigned int forked;	/* the version that the child has */
static int node[2];
static char *twin;		/* what KSM finds to be equal */

static void try_each(size_t pages, const struct failing_act *act)
{
	stage_set(&s, pages);
	failing_act_try(&s, act);
}

/* It succeeds whatever becomes of the pages. */
static int page_out(unsigned int version)
{
	(void)version;
	return madvise(s.slot->hva, PAGES * GUEST_PAGE, MADV_PAGEOUT) ? -errno : 0;
}

static void in_pageout(void)
{
	swap_on(SWAP_MIB);
	try_each(PAGES, &(struct failing_act){
		.what = "MADV_PAGEOUT", .run = page_out, .event = NOTIFY_CLEAR,
	});
}

/* It will write what is there already; nothing but KVM_RUN shall want memory then. */
static void prepare_guest(unsigned int version)
{
	guest_prepare_fill(s.vcpu, s.slot, 0, s.slot->pages, version);
}

static int run_guest(unsigned int version)
{
	(void)version;
	return vcpu_run(s.vcpu);
}

static void swap_all(unsigned int version)
{
	swap_out(s.slot->hva, s.slot->pages);
	prepare_guest(version);
}

/* The vCPU runs into EFAULT where get_user_pages() has no memory. */
static void in_swap_in(void)
{
	swap_on(SWAP_MIB);
	try_each(PAGES, &(struct failing_act){
		.what = "the guest's access to swapped pages", .prepare = swap_all, .run = run_guest,
		.prepared = NOTIFY_CLEAR, .other = EFAULT,
	});
}

static void fork_child(unsigned int version)
{
	forked = version;
	peer_start(&child, "the child");
	prepare_guest(version);
}

static void check_child(void)
{
	memory_check("the child", s.slot->hva, memory_key(s.slot->tag, forked), 0, s.slot->pages);
}

static void end_child(unsigned int version)
{
	(void)version;
	peer_call(&child, check_child);
	peer_kill(&child);
}

/* wp_page_copy() */
static void in_guest_copy(void)
{
	try_each(PAGES, &(struct failing_act){
		.what = "the guest's write after a fork", .prepare = fork_child, .run = run_guest,
		.undo = end_child, .prepared = NOTIFY_PROTECTION_PAGE, .event = NOTIFY_CLEAR,
		.other = EFAULT,
	});
}

/* A page fault of the process itself is tried again until it succeeds. */
static int owner_writes(unsigned int version)
{
	const uint64_t key = memory_key(s.slot->tag, version);

	for (size_t page = 0; page < PAGES; page++)
		*(volatile uint64_t *)slot_page(s.slot, page) = pattern_word(key, page, 0);
	return 0;
}

static void in_owner_copy(void)
{
	try_each(PAGES, &(struct failing_act){
		.what = "the owner's write after a fork", .prepare = fork_child, .run = owner_writes,
		.undo = end_child, .prepared = NOTIFY_PROTECTION_PAGE, .event = NOTIFY_CLEAR,
	});
}

static void kill_child(unsigned int version)
{
	(void)version;
	peer_kill(&child);
}

/*
 * The pool has no page for the copies, new ones must be made. Where there is none, the child loses its
 * page to its parent (hugetlb_wp(), unmap_ref_private()).
 */
static void in_hugetlb_copy(void)
{
	hugetlb_reserve(HUGE, 2);
	knob_set("/proc/sys/vm/nr_overcommit_hugepages", "2");
	stage_set_over(&s, memory_map_private(hugetlb_file(HUGE, 2), 2 * HUGE), 2 * HUGE, HUGE);
	failing_act_try(&s, &(struct failing_act){
		.what = "the guest's write to hugetlb pages after a fork", .prepare = fork_child,
		.run = run_guest, .undo = kill_child, .prepared = NOTIFY_CLEAR, .event = NOTIFY_CLEAR,
		.other = EFAULT,
	});
}

static void gather(unsigned int version)
{
	(void)version;
	numa_move_pages(s.slot->hva, PAGES, node[0]);
}

/* Pages that were not moved count as an error. */
static int move(unsigned int version)
{
	static void *pages[PAGES];
	static int to[PAGES], status[PAGES];
	long left;

	(void)version;
	for (size_t i = 0; i < PAGES; i++) {
		pages[i] = slot_page(s.slot, i);
		to[i] = node[1];
	}
	left = syscall(SYS_move_pages, 0, PAGES, pages, to, status, MPOL_MF_MOVE);
	return left < 0 ? -errno : left ? -ENOMEM : 0;
}

static void in_move_pages(void)
{
	numa_nodes(node);
	try_each(PAGES, &(struct failing_act){
		.what = "move_pages", .prepare = gather, .run = move, .prepared = NOTIFY_CLEAR,
		.event = NOTIFY_CLEAR,
	});
}

static void make_twin(unsigned int version)
{
	memory_fill(twin, memory_key(s.slot->tag, version), 0, FEW);
	ksm_register(s.slot->hva, FEW);
	ksm_register(twin, FEW);
}

static int merge(unsigned int version)
{
	(void)version;
	ksm_merge();
	return 0;
}

static void check_twin(unsigned int version)
{
	memory_check("the twin", twin, memory_key(s.slot->tag, version), 0, FEW);
	ksm_unmerge(s.slot->hva, FEW);
	ksm_unmerge(twin, FEW);
}

/* ksmd comes back to what it had no memory for. */
static void in_ksm_merge(void)
{
	ksm_prepare();
	twin = memory_alloc(FEW);
	try_each(FEW, &(struct failing_act){
		.what = "merging by KSM", .prepare = make_twin, .run = merge, .undo = check_twin,
		.thread = kernel_thread_find("ksmd"), .event = NOTIFY_CLEAR,
	});
}

static void make_merged(unsigned int version)
{
	make_twin(version);
	ksm_merge();
}

static int unmerge(unsigned int version)
{
	(void)version;
	return madvise(s.slot->hva, FEW * GUEST_PAGE, MADV_UNMERGEABLE) ? -errno : 0;
}

/* break_ksm(): each page gets a copy of its own. */
static void in_ksm_unmerge(void)
{
	ksm_prepare();
	twin = memory_alloc(FEW);
	try_each(FEW, &(struct failing_act){
		.what = "MADV_UNMERGEABLE", .prepare = make_merged, .run = unmerge, .undo = check_twin,
		.prepared = NOTIFY_CLEAR, .event = NOTIFY_CLEAR, .other = EAGAIN,
	});
}

const struct test test = {
	.name = "enomem-page",
	.group = "life",
	.proves = "an allocation that fails while pages are swapped, moved, merged or copied loses none",
	.needs = { .kvm = true, .memory_mib = 64, .files = { FAULT_INJECTION_FILES } },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE | EVENTS_INJECTED,
	.timeout_s = 60,
	.cases = {
		{ "pageout", in_pageout, { .swap = true } },
		{ "swap-in", in_swap_in, { .swap = true } },
		{ "guest-copy", in_guest_copy },
		{ "owner-copy", in_owner_copy },
		{ "hugetlb-copy", in_hugetlb_copy },
		{ "move_pages", in_move_pages, { .nodes = 2 } },
		{ "ksm-merge", in_ksm_merge, { .ksm = true } },
		{ "ksm-unmerge", in_ksm_unmerge, { .ksm = true } },
	},
};
