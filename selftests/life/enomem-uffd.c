// SPDX-License-Identifier: GPL-2.0-only
/*
 * One allocation after the other fails while the host protects a guest's memory by userfaultfd. Where nothing
 * is mapped it needs page tables, to remember what is protected: behind pages that the guest maps, and that
 * are protected already.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/failing-act.h"
#include "lib/fault-injection.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/pagemap-scan.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/uffd.h"

#define REGION 512UL		/* pages that one page table maps */
#define PAGES (3 * REGION)
#define MAPPED 16		/* pages of the first page table, the others are not there */
#define SIZE (PAGES * GUEST_PAGE)

static struct stage s;
static int uffd;
static int pagemap;

static void use_again(unsigned int version)
{
	struct uffdio_writeprotect wp = { .range = { (uintptr_t)s.slot->hva, SIZE } };

	(void)version;
	require(!ioctl(uffd, UFFDIO_WRITEPROTECT, &wp), "UFFDIO_WRITEPROTECT: %s", strerror(errno));
}

/* A new mapping of the same file, without page tables but for what the guest maps at once. */
static void map_anew(unsigned int version)
{
	require(mmap(s.slot->hva, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, s.memory.fd, 0) ==
		s.slot->hva, "mmap: %s", strerror(errno));
	uffd_register_wp(uffd, s.slot->hva, PAGES);
	/* Writes: of what it may only read there is nothing to take away. */
	require(!guest_fill(s.vcpu, s.slot, 0, MAPPED, version), "the guest cannot write");
}

static void try_each(uint64_t features, const struct failing_act *act)
{
	uffd = uffd_open(features);
	stage_set(&s, PAGES);
	uffd_register_wp(uffd, s.slot->hva, PAGES);
	failing_act_try(&s, act);
}

static int protect(unsigned int version)
{
	struct uffdio_writeprotect wp = {
		.range = { (uintptr_t)s.slot->hva, SIZE }, .mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};

	(void)version;
	return ioctl(uffd, UFFDIO_WRITEPROTECT, &wp) ? -errno : 0;
}

/* change_pmd_range() and its callers in mm/mprotect.c */
static void in_protect(void)
{
	try_each(UFFD_FEATURE_WP_HUGETLBFS_SHMEM, &(struct failing_act){
		.what = "UFFDIO_WRITEPROTECT", .prepare = map_anew, .run = protect, .undo = use_again,
		.inside = true,
		.prepared = NOTIFY_UNMAP, .event = NOTIFY_PROTECTION_VMA, .undone = NOTIFY_PROTECTION_VMA,
	});
}

static int scan(unsigned int version)
{
	(void)version;
	return pagemap_scan_protect(pagemap, s.slot->hva, PAGES);
}

/* do_pagemap_scan() in fs/proc/task_mmu.c */
static void in_scan(void)
{
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	require(pagemap >= 0, "/proc/self/pagemap: %s", strerror(errno));
	try_each(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
		 &(struct failing_act){
		.what = "PAGEMAP_SCAN", .prepare = map_anew, .run = scan,
		.inside = true,
		.prepared = NOTIFY_UNMAP, .event = NOTIFY_PROTECTION_VMA,
	});
}

const struct test test = {
	.name = "enomem-uffd",
	.group = "life",
	.proves = "an allocation that fails while memory is protected leaves no invalidation open",
	.needs = { .kvm = true, .memory_mib = 64, .files = { FAULT_INJECTION_FILES } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_INJECTED,
	.timeout_s = 60,
	.cases = {
		{ "protect", in_protect, .backings = BACKING_MEMFD },
		{ "scan", in_scan, .backings = BACKING_MEMFD },
	},
};
