// SPDX-License-Identifier: GPL-2.0-only
/*
 * One allocation after the other fails while the host changes its own mappings of guest memory, or the
 * memslot over them. The system call fails or does without; what was started is ended, nothing is lost,
 * and the guest goes on.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/failing-act.h"
#include "lib/fault-injection.h"
#include "lib/guest.h"
#include "lib/kvm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/test.h"

#define PAGES 64
#define FIRST 24	/* the part, in the middle: its VMA is split twice */
#define COUNT 17
#define REGION 512UL	/* pages that one page table maps */
#define SIZE (COUNT * GUEST_PAGE)
#define MANY "some hundred allocations, most of them not of the notifiers"

static struct stage s;
static bool done;	/* by the last attempt */

static char *part(void)
{
	return slot_page(s.slot, FIRST);
}

static int note(bool ok)
{
	done = ok;
	return ok ? 0 : -errno;
}

static void try_each(const struct failing_act *act)
{
	stage_set(&s, PAGES);
	failing_act_try(&s, act);
}

/*
 * A new mapping, of one VMA and without page tables; where the last attempt has left several, the next one would
 * have less to allocate.
 */
static void map_all_anew(unsigned int version)
{
	require(mmap(s.slot->hva, PAGES * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == s.slot->hva,
		"mmap: %s", strerror(errno));
	require(!guest_fill(s.vcpu, s.slot, 0, PAGES, version), "the guest cannot write");
}

static int protect(unsigned int version)
{
	(void)version;
	return note(!mprotect(part(), SIZE, PROT_READ));
}

static void unprotect(unsigned int version)
{
	(void)version;
	require(!mprotect(part(), SIZE, PROT_READ | PROT_WRITE), "mprotect: %s", strerror(errno));
}

static void in_mprotect(void)
{
	try_each(&(struct failing_act){
		.what = "mprotect", .prepare = map_all_anew, .run = protect, .undo = unprotect,
		.prepared = NOTIFY_UNMAP, .first = FIRST, .count = COUNT,
		.event = NOTIFY_PROTECTION_VMA, .undone = NOTIFY_PROTECTION_VMA,
	});
}

static int map_over(unsigned int version)
{
	(void)version;
	return note(mmap(part(), SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			 -1, 0) == part());
}

/* Zapping wants memory to remember more pages than a few that wait to be freed (tlb_next_batch()). */
static int unmap(unsigned int version)
{
	(void)version;
	return note(!munmap(part(), SIZE));
}

static void map_again(unsigned int version)
{
	if (done)
		require(!map_over(version), "mmap: %s", strerror(errno));
}

/* The old mapping goes before the new one is made, so that there may be neither. */
static void map_what_is_missing(unsigned int version)
{
	if (!done)
		require(!map_over(version), "mmap: %s", strerror(errno));
}

static void in_munmap(void)
{
	try_each(&(struct failing_act){
		.what = "munmap", .prepare = map_all_anew, .run = unmap, .undo = map_again,
		.prepared = NOTIFY_UNMAP, .inside = true, .first = FIRST, .count = COUNT,
		.event = NOTIFY_UNMAP, .hides = true, .empties = true,
	});
}

static void in_mmap(void)
{
	try_each(&(struct failing_act){
		.what = "mmap over a part", .prepare = map_all_anew, .run = map_over, .undo = map_what_is_missing,
		.prepared = NOTIFY_UNMAP, .inside = true,
		.first = FIRST, .count = COUNT, .event = NOTIFY_UNMAP, .undone = NOTIFY_UNMAP,
		.hides = true, .empties = true,
	});
}

static char *room;		/* of two page tables */
static char *elsewhere;		/* in there, so that some of the pages are for the one, some for the other */

/* Without the page tables that the last attempt left there. */
static void map_room_anew(unsigned int version)
{
	map_all_anew(version);
	require(mmap(room, 2 * REGION * GUEST_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		     0) == room, "mmap: %s", strerror(errno));
}

static int move(unsigned int version)
{
	(void)version;
	return note(mremap(part(), SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere) == elsewhere);
}

static void move_back(unsigned int version)
{
	(void)version;
	if (!done)
		return;
	require(mremap(elsewhere, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, part()) == part(),
		"mremap back: %s", strerror(errno));
	require(mmap(elsewhere, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
		elsewhere, "mmap: %s", strerror(errno));
}

/* The old mapping may stay, empty, when it cannot be taken away behind the pages (move_vma()). */
static void in_mremap(void)
{
	room = memory_alloc(2 * REGION);
	elsewhere = room + (REGION - COUNT / 2) * GUEST_PAGE;
	try_each(&(struct failing_act){
		.what = "mremap", .prepare = map_room_anew, .run = move, .undo = move_back,
		.prepared = NOTIFY_UNMAP, .inside = true, .first = FIRST, .count = COUNT,
		.event = NOTIFY_UNMAP, .undone = NOTIFY_UNMAP, .hides = true,
	});
}

static int drop(unsigned int version)
{
	(void)version;
	return note(!madvise(part(), SIZE, MADV_DONTNEED));
}

static void in_dontneed(void)
{
	try_each(&(struct failing_act){
		.what = "MADV_DONTNEED", .run = drop, .inside = true, .first = FIRST, .count = COUNT,
		.event = NOTIFY_CLEAR, .empties = true,
	});
}

/* The child ends at once. */
static int fork_owner(unsigned int version)
{
	pid_t pid = fork();

	(void)version;
	if (!pid)
		_exit(0);
	note(pid > 0);
	return pid < 0 ? -errno : waitpid(pid, NULL, 0) == pid ? 0 : -errno;
}

static void in_fork(void)
{
	try_each(&(struct failing_act){
		.what = "fork", .run = fork_owner, .event = NOTIFY_PROTECTION_PAGE,
		.inside = true,
	});
}

static int set_memslot(size_t pages, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = s.slot->id, .guest_phys_addr = s.slot->gpa, .flags = flags,
		.memory_size = pages * GUEST_PAGE, .userspace_addr = (uintptr_t)s.slot->hva,
	};

	return note(!ioctl(s.vm.fd, KVM_SET_USER_MEMORY_REGION, &region));
}

/* One that cannot be deleted works on; one that cannot be made again is not there, and then is. */
static int replace_memslot(unsigned int version)
{
	int err = set_memslot(0, 0);

	(void)version;
	return err ? err : set_memslot(PAGES, 0);
}

static void make_memslot(unsigned int version)
{
	(void)version;
	if (!done && set_memslot(PAGES, 0))
		require(errno == EEXIST, "KVM_SET_USER_MEMORY_REGION: %s", strerror(errno));
}

static void in_memslot(void)
{
	try_each(&(struct failing_act){
		.what = "a memslot deleted and made", .run = replace_memslot, .undo = make_memslot,
		.first = 0, .count = PAGES, .hides = true,
	});
}

static int start_log(unsigned int version)
{
	(void)version;
	return set_memslot(PAGES, KVM_MEM_LOG_DIRTY_PAGES);
}

static void stop_log(unsigned int version)
{
	(void)version;
	require(!set_memslot(PAGES, 0), "KVM_SET_USER_MEMORY_REGION: %s", strerror(errno));
}

static void in_log(void)
{
	try_each(&(struct failing_act){ .what = "dirty logging", .run = start_log, .undo = stop_log });
}

const struct test test = {
	.name = "enomem-vma",
	.group = "life",
	.proves = "an allocation that fails in a change of mappings or memslots leaves no invalidation open",
	.needs = { .kvm = true, .memory_mib = 32, .files = { FAULT_INJECTION_FILES } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_INJECTED,
	.timeout_s = 60,
	.expected = { "vmalloc error: size " },
	.cases = {
		{ "mprotect", in_mprotect },
		{ "munmap", in_munmap },
		{ "mmap", in_mmap },
		{ "mremap", in_mremap },
		{ "dontneed", in_dontneed },
		{ "fork", in_fork, .full = MANY },
		{ "memslot", in_memslot },
		{ "dirty-log", in_log },
	},
};
