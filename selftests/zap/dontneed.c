// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host drops pages with MADV_DONTNEED. Their sptes go with them; the guest finds what the
 * backing says is there now: what it wrote, if that is in a file, else nothing of it.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/test.h"

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

static void drop(struct stage *s, size_t first, size_t count)
{
	int err = madvise(slot_page(s->slot, first), count * GUEST_PAGE, MADV_DONTNEED) ? errno : 0;

	if (err == EINVAL && backing()->bit == BACKING_HUGETLB)
		skip_case("kernel without MADV_DONTNEED of hugetlb pages");
	require(!err, "MADV_DONTNEED: %s", strerror(err));
	stage_expect_dropped(s, "MADV_DONTNEED", first, count);
}

/* The guest reads zeros, then writes: private pages are copied from the zero page or the file. */
static void check_empty(struct stage *s, size_t first, size_t count)
{
	uint64_t value;
	size_t page;

	for (page = first; page < first + count; page++) {
		require(!guest_read(s->vcpu, s->slot, page, &value), "the guest cannot read");
		expect(!value, "guest reads %#lx of page %zu, which was dropped", value, page);
	}
	witness_step(&s->witness, "guest reads zeros", &(struct step){ .faulted = count });
	require(!guest_fill(s->vcpu, s->slot, first, count, 2), "the guest cannot write");
	witness_step(&s->witness, "guest writes them again", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, first), .pages = count,
		.zapped = count, .faulted = count,
	});
	stage_read(s, "all read what is new", first, count, 2, 0);
}

static void check_dropped(struct stage *s, size_t first, size_t count)
{
	if (backing()->shared)
		stage_read(s, "all read what is in the file", first, count, 1, count);
	else
		check_empty(s, first, count);
}

static void whole(void)
{
	struct stage s;

	stage_set(&s, backing()->pages);
	drop(&s, 0, s.slot->pages);
	check_dropped(&s, 0, s.slot->pages);
}

static void part(void)
{
	struct stage s;

	stage_set(&s, backing()->pages);
	drop(&s, backing()->middle, backing()->part);
	stage_read_others(&s, backing()->middle, backing()->part);
	check_dropped(&s, backing()->middle, backing()->part);
	stage_read_others(&s, backing()->middle, backing()->part);
}

/* A hugetlb page of which a part only is dropped is whole, for host and guest. */
static void half_a_page(void)
{
	const size_t large = backing()->granule;
	struct stage s;
	int err;

	stage_set(&s, backing()->pages);
	err = madvise(slot_page(s.slot, large), (large + large / 2) * GUEST_PAGE, MADV_DONTNEED) ?
	      errno : 0;
	if (err == EINVAL)
		skip_case("kernel without MADV_DONTNEED of hugetlb pages");
	require(!err, "MADV_DONTNEED: %s", strerror(err));
	stage_expect_dropped(&s, "MADV_DONTNEED of one page and a half", large, large);
	stage_read_others(&s, large, large);
}

/* mlock() is about what the host takes; KVM's mappings hold no page and lock nothing. */
static void locked(void)
{
	const size_t size = backing()->part * GUEST_PAGE;
	struct stage s;
	void *start;
	int err;

	stage_set(&s, backing()->pages);
	start = slot_page(s.slot, backing()->middle);
	require(!mlock(start, size), "mlock: %s", strerror(errno));
	expect(madvise(start, size, MADV_DONTNEED) && errno == EINVAL, "locked pages were dropped");
	stage_read(&s, "MADV_DONTNEED of locked pages", 0, s.slot->pages, 1, 0);
	err = madvise(start, size, MADV_DONTNEED_LOCKED) ? errno : 0;
	if (err == EINVAL)
		skip_case("kernel without MADV_DONTNEED_LOCKED");
	require(!err, "MADV_DONTNEED_LOCKED: %s", strerror(err));
	stage_expect_dropped(&s, "MADV_DONTNEED_LOCKED", backing()->middle, backing()->part);
	stage_read_others(&s, backing()->middle, backing()->part);
	if (backing()->shared)
		check_dropped(&s, backing()->middle, backing()->part);
}

static int drop_vector(const struct iovec *vector, size_t count)
{
	int fd = syscall(SYS_pidfd_open, getpid(), 0);
	long done;
	int err;

	require(fd >= 0, "pidfd_open: %s", strerror(errno));
	done = syscall(SYS_process_madvise, fd, vector, count, MADV_DONTNEED, 0);
	err = done < 0 ? errno : 0;
	close(fd);
	return err;
}

/* Two ranges in one call; what is between them stays. */
static void vector(void)
{
	bool only[3] = { true, false, true };
	struct iovec vector[2];
	struct stage s;
	int err;

	stage_set(&s, backing()->pages);
	vector[0] = (struct iovec){ slot_page(s.slot, 8), GUEST_PAGE };
	vector[1] = (struct iovec){ slot_page(s.slot, 10), GUEST_PAGE };
	err = drop_vector(vector, 2);
	if (err == EINVAL || err == ENOSYS)
		skip_case("kernel without MADV_DONTNEED by process_madvise");
	require(!err, "process_madvise: %s", strerror(err));
	witness_step(&s.witness, "process_madvise of two pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, 8), .pages = 3, .only = only,
		.zapped = 2,
	});
	stage_read(&s, "all read what is between them", 9, 1, 1, 0);
	check_dropped(&s, 8, 1);
	check_dropped(&s, 10, 1);
}

const struct test test = {
	.name = "dontneed",
	.group = "zap",
	.proves = "what MADV_DONTNEED dropped has no spte, and the guest finds what is there now",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "whole", whole, .backings = BACKINGS_MAIN, .full_backings = BACKINGS_FURTHER },
		{ "part", part, .backings = BACKINGS_ALL & ~BACKING_TMPFS,
		  .full_backings = BACKING_TMPFS },
		{ "half-a-page", half_a_page, .backings = BACKING_HUGETLB },
		{ "locked", locked, .backings = BACKING_ANON | BACKING_MEMFD },
		{ "vector", vector },
	},
};
