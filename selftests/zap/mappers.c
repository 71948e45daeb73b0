// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file is memory of two processes with a VM each, and one of them maps it twice, for two
 * memslots. What happens to the file takes the sptes of all three mappings; what happens to one
 * mapping takes its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"

#define TAG 1	/* of the file, whoever maps it */

/* Of process A; process B has a copy of it, with its own VM in `stage`. */
static struct stage stage;
static struct memslot *second;	/* of A: the same file, mapped again */
static struct peer b;

/* What the file loses: set before B is started, so that it knows too. */
static size_t lost_first, lost_count;

static void b_set_up(void)
{
	stage_attach(&stage, TAG);
	witness_open_counters(&stage.witness, &stage.vm);
	stage_read(&stage, "B: guest reads", 0, stage.memory.pages, 1, stage.memory.pages);
}

static void set_up(size_t first, size_t count)
{
	const size_t pages = backing()->pages;

	lost_first = first;
	lost_count = count;
	backing_alloc(&stage.memory, pages);
	munmap(stage.memory.hva, pages * GUEST_PAGE);
	peer_start(&b, "process B");
	stage_attach(&stage, TAG);
	second = vm_add_memslot(&stage.vm, backing_map(&stage.memory), pages);
	second->tag = TAG;
	witness_open(&stage.witness, &stage.vm);
	stage_write(&stage, "A: guest writes", 0, pages, 1, pages);
	guest_check(stage.vcpu, second, 0, pages, 1);
	witness_step(&stage.witness, "A: guest reads the second memslot",
		     &(struct step){ .faulted = pages });
	peer_call(&b, b_set_up);
}

/* The range from the one mapping to the end of the other; true for the lost pages of both. */
static bool *lost_in_both(const char **start, size_t *pages)
{
	const char *one = stage.slot->hva, *other = second->hva;
	size_t apart = (one < other ? other - one : one - other) / GUEST_PAGE;
	bool *only;

	*start = one < other ? one : other;
	*pages = apart + stage.memory.pages;
	only = calloc(*pages, sizeof(*only));
	if (!only)
		fail("out of memory");
	for (size_t i = lost_first; i < lost_first + lost_count; i++)
		only[i] = only[apart + i] = true;
	return only;
}

static void b_expect_lost(void)
{
	witness_step(&stage.witness, "B: the file loses pages", &(struct step){ .zapped = lost_count });
	sptes_expect(stage.slot, lost_first, lost_count, SPTES_NONE, "B: the file loses pages");
	stage_read_others(&stage, lost_first, lost_count);
}

static void expect_lost(const char *what)
{
	const char *start;
	size_t pages;
	bool *only = lost_in_both(&start, &pages);

	witness_step(&stage.witness, what, &(struct step){
		.event = backing()->bit == BACKING_HUGETLB ? hugetlb_unmap_event() : NOTIFY_CLEAR,
		.hva = start, .pages = pages, .only = only, .zapped = 2 * lost_count,
	});
	free(only);
	sptes_expect(stage.slot, lost_first, lost_count, SPTES_NONE, what);
	sptes_expect(second, lost_first, lost_count, SPTES_NONE, what);
	stage_read_others(&stage, lost_first, lost_count);
	peer_call(&b, b_expect_lost);
}

static void b_reads_new(void)
{
	stage_read(&stage, "B: guest reads new pages", lost_first, lost_count, 2, lost_count);
}

static void punch_hole(void)
{
	set_up(backing()->middle, backing()->part);
	require(!fallocate(stage.memory.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			   lost_first * GUEST_PAGE, lost_count * GUEST_PAGE), "fallocate: %s",
		strerror(errno));
	expect_lost("A: a hole in the file");
	memory_fill(second->hva, memory_key(TAG, 2), lost_first, lost_count);
	stage_read(&stage, "A: guest reads new pages", lost_first, lost_count, 2, lost_count);
	guest_check(stage.vcpu, second, lost_first, lost_count, 2);
	witness_step(&stage.witness, "A: guest reads them by the second memslot",
		     &(struct step){ .faulted = lost_count });
	peer_call(&b, b_reads_new);
}

static void b_truncates(void)
{
	require(!ftruncate(stage.memory.fd, lost_first * GUEST_PAGE), "ftruncate: %s",
		strerror(errno));
}

static void b_expect_gone(void)
{
	stage_expect_gone(&stage, lost_first, lost_count);
}

/* By the other process: in this one nobody does anything. */
static void truncate_file(void)
{
	set_up(backing()->middle, backing()->pages - backing()->middle);
	peer_call(&b, b_truncates);
	expect_lost("A: B made the file smaller");
	stage_expect_gone(&stage, lost_first, lost_count);
	guest_expect_efault(stage.vcpu, second, lost_first, lost_count, false);
	witness_step(&stage.witness, "A: guest faults out of the second memslot", &(struct step){ 0 });
	peer_call(&b, b_expect_gone);
}

static void b_expect_nothing(void)
{
	stage_read(&stage, "B: guest reads all", 0, stage.memory.pages, 1, 0);
}

/* One mapping of three loses them: A's first one. */
static void expect_alone(const char *what, enum notify event)
{
	const size_t pages = stage.memory.pages;

	witness_step(&stage.witness, what, &(struct step){
		.event = event, .also = NOTIFY_CLEAR, .hva = slot_page(stage.slot, lost_first),
		.pages = lost_count, .zapped = lost_count,
	});
	sptes_expect(second, 0, pages, SPTES_MAPPED, what);
	stage_read_others(&stage, lost_first, lost_count);
	guest_check(stage.vcpu, second, 0, pages, 1);
	witness_step(&stage.witness, "A: guest reads the second memslot", &(struct step){ 0 });
	peer_call(&b, b_expect_nothing);
}

static void dontneed(void)
{
	const bool hugetlb = backing()->bit == BACKING_HUGETLB;
	int err;

	set_up(backing()->middle, backing()->part);
	err = madvise(slot_page(stage.slot, lost_first), lost_count * GUEST_PAGE, MADV_DONTNEED) ?
	      errno : 0;
	if (err == EINVAL && hugetlb)
		skip_case("kernel without MADV_DONTNEED of hugetlb pages");
	require(!err, "MADV_DONTNEED: %s", strerror(err));
	expect_alone("A: MADV_DONTNEED", hugetlb ? hugetlb_unmap_event() : NOTIFY_CLEAR);
	stage_read(&stage, "A: guest reads it again", lost_first, lost_count, 1, lost_count);
}

static void unmap(void)
{
	set_up(backing()->middle, backing()->part);
	require(!munmap(slot_page(stage.slot, lost_first), lost_count * GUEST_PAGE), "munmap: %s",
		strerror(errno));
	expect_alone("A: munmap", NOTIFY_UNMAP);
	stage_expect_gone(&stage, lost_first, lost_count);
}

const struct test test = {
	.name = "mappers",
	.group = "zap",
	.proves = "a page lost to a file leaves all mappings' sptes, one lost to a mapping only those",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "punch-hole", punch_hole, .backings = BACKING_MEMFD | BACKING_HUGETLB },
		{ "truncate", truncate_file, .backings = BACKING_MEMFD | BACKING_HUGETLB },
		{ "dontneed", dontneed, .backings = BACKING_MEMFD,
		  .full_backings = BACKING_HUGETLB | BACKING_FILE },
		{ "munmap", unmap, .backings = BACKING_MEMFD,
		  .full_backings = BACKING_HUGETLB | BACKING_FILE },
	},
};
