// SPDX-License-Identifier: GPL-2.0-only
/*
 * One allocation after the other fails while the host splits a guest's huge page, or makes one of small
 * pages. Whatever came of it, what was started is ended, nothing is lost, and the guest goes on.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/collapse.h"
#include "lib/failing-act.h"
#include "lib/fault-injection.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/peer.h"
#include "lib/stage.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/waiting.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define PAGES THP_PAGES
#define SIZE (PAGES * GUEST_PAGE)
#define FIRST 200UL	/* the part */
#define COUNT 8UL
#define SWAP_MIB 16

static struct stage s;
static struct peer child;

static int advise(size_t first, size_t count, int advice)
{
	return madvise(slot_page(s.slot, first), count * GUEST_PAGE, advice) ? -errno : 0;
}

/* A new mapping, as page tables of the old one would stay; of a file its content goes as well. */
static void make_anew(int advice, unsigned int version)
{
	const bool shared = s.memory.fd >= 0;
	int err;

	err = shared ? advise(0, PAGES, MADV_REMOVE) : 0;
	require(!err, "MADV_REMOVE: %s", strerror(-err));
	require(mmap(s.slot->hva, SIZE, PROT_READ | PROT_WRITE,
		     MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS), s.memory.fd, 0) ==
		s.slot->hva, "mmap: %s", strerror(errno));
	err = advise(0, PAGES, advice);
	require(!err, "madvise: %s", strerror(-err));
	require(!guest_fill(s.vcpu, s.slot, 0, PAGES, version), "the guest cannot write");
	witness_step(&s.witness, "new memory", &(struct step){
		.event = NOTIFY_UNMAP, .also = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES,
		.racing = true, .partial = true,
	});
}

static void make_huge(unsigned int version)
{
	make_anew(MADV_HUGEPAGE, version);
	if (thp_count(s.slot->hva) != PAGES)
		skip_case("the host gave no huge page");
}

static void make_small(unsigned int version)
{
	make_anew(MADV_NOHUGEPAGE, version);
	require(!thp_count(s.slot->hva), "the memory has a huge page");
	/* As what has no such advice, it may be collapsed. */
	require(!advise(0, PAGES, MADV_HUGEPAGE), "MADV_HUGEPAGE: %s", strerror(errno));
}

static void try_each(const struct failing_act *act)
{
	s.memory.fd = -1;
	stage_set_over(&s, thp_alloc(PAGES), PAGES, 512);
	failing_act_try(&s, act);
}

static void try_each_shared(const struct failing_act *act)
{
	s.memory.fd = memfd_create("guest", MFD_CLOEXEC);
	require(s.memory.fd >= 0 && !ftruncate(s.memory.fd, SIZE), "memfd: %s", strerror(errno));
	stage_set_over(&s, thp_map_file(s.memory.fd, PAGES), PAGES, 512);
	failing_act_try(&s, act);
}

static int protect(unsigned int version)
{
	(void)version;
	return mprotect(slot_page(s.slot, FIRST), COUNT * GUEST_PAGE, PROT_READ) ? -errno : 0;
}

static void unprotect(unsigned int version)
{
	(void)version;
	require(!mprotect(s.slot->hva, SIZE, PROT_READ | PROT_WRITE), "mprotect: %s", strerror(errno));
}

static void in_mprotect(void)
{
	try_each(&(struct failing_act){
		.what = "mprotect of a part", .prepare = make_huge, .run = protect, .undo = unprotect,
		.event = NOTIFY_CLEAR, .also = NOTIFY_PROTECTION_VMA,
		.undone = NOTIFY_PROTECTION_VMA,
	});
}

/* The page itself is split, and the parts get their own places in swap. */
static int page_out(unsigned int version)
{
	(void)version;
	return advise(FIRST, COUNT, MADV_PAGEOUT);
}

static void in_pageout(void)
{
	swap_on(SWAP_MIB);
	try_each(&(struct failing_act){
		.what = "MADV_PAGEOUT of a part", .prepare = make_huge, .run = page_out,
		.event = NOTIFY_CLEAR,
	});
}

static int punch(unsigned int version)
{
	(void)version;
	return advise(FIRST, COUNT, MADV_REMOVE);
}

/* The page cache needs entries of its own for the parts (xas_split_alloc()). */
static void in_hole(void)
{
	try_each_shared(&(struct failing_act){
		.what = "a hole in a huge page of a file", .prepare = make_huge, .run = punch,
		.event = NOTIFY_CLEAR,
		.first = FIRST, .count = COUNT, .wide = true, .empties = true,
	});
}

static int collapse(unsigned int version)
{
	(void)version;
	return advise(0, PAGES, MADV_COLLAPSE);
}

static const struct failing_act collapses = {
	.what = "MADV_COLLAPSE", .prepare = make_small, .run = collapse,
	.event = NOTIFY_CLEAR, .other = EAGAIN,
};

/* collapse_huge_page(), which is khugepaged's as well */
static void in_collapse(void)
{
	collapse_prepare();
	try_each(&collapses);
}

/* collapse_file() */
static void in_collapse_shared(void)
{
	collapse_prepare();
	try_each_shared(&collapses);
}

/* It comes back to what it had no memory for, after a rest. */
static int run_khugepaged(unsigned int version)
{
	(void)version;
	knob_set(THP_KNOBS "khugepaged/alloc_sleep_millisecs", "1");
	khugepaged_scan();
	/* A page table of a file's pages is taken away: who comes next maps the huge page. */
	(void)*(volatile char *)s.slot->hva;
	return thp_count(s.slot->hva) == PAGES ? 0 : -EAGAIN;
}

static struct failing_act by_khugepaged(void)
{
	collapse_prepare();
	return (struct failing_act){
		.what = "khugepaged", .prepare = make_small, .run = run_khugepaged,
		.thread = kernel_thread_find("khugepaged"), .event = NOTIFY_CLEAR, .other = EAGAIN,
	};
}

static void in_khugepaged(void)
{
	const struct failing_act act = by_khugepaged();

	try_each(&act);
}

static void in_khugepaged_shared(void)
{
	const struct failing_act act = by_khugepaged();

	try_each_shared(&act);
}

static void fork_child(unsigned int version)
{
	make_huge(version);
	peer_start(&child, "the child");
	guest_prepare_fill(s.vcpu, s.slot, FIRST, COUNT, version);
}

static int run_guest(unsigned int version)
{
	(void)version;
	return vcpu_run(s.vcpu);
}

static void end_child(unsigned int version)
{
	(void)version;
	peer_kill(&child);
}

/* It is split, and pages of it are copied. */
static void in_guest_copy(void)
{
	try_each(&(struct failing_act){
		.what = "the guest's write after a fork", .prepare = fork_child, .run = run_guest,
		.undo = end_child, .prepared = NOTIFY_PROTECTION_PAGE, .event = NOTIFY_CLEAR,
		.other = EFAULT,
	});
}

const struct test test = {
	.name = "enomem-huge",
	.group = "life",
	.proves = "an allocation that fails while a huge page is split or made loses nothing of it",
	.needs = { .kvm = true, .memory_mib = 64,
		   .files = { THP_KNOBS "khugepaged/full_scans", FAULT_INJECTION_FILES } },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE | EVENTS_INJECTED,
	.timeout_s = 60,
	.cases = {
		{ "mprotect", in_mprotect },
		{ "pageout", in_pageout, { .swap = true } },
		{ "hole", in_hole, { .files = { THP_KNOBS "shmem_enabled" } } },
		{ "collapse", in_collapse },
		{ "collapse-shared", in_collapse_shared, { .files = { THP_KNOBS "shmem_enabled" } } },
		{ "khugepaged", in_khugepaged },
		{ "khugepaged-shared", in_khugepaged_shared, { .files = { THP_KNOBS "shmem_enabled" } } },
		{ "guest-copy", in_guest_copy },
	},
};
