// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compaction gathers the pages that can move at one end of a node's memory, those of a guest among them.
 * Which ones it takes is its affair: each that it took has lost its spte, and no other has.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 512
#define POOL 8192	/* more than lies below the guest's memory, twice */
#define IDLE 2000	/* iterations of the writing guest between writes */
#define PCP_FRACTION "/proc/sys/vm/percpu_pagelist_high_fraction"

struct pool {
	int fd;
	struct page_state pages[POOL];
};

static int node[2];
static struct page_state before[PAGES];

/* Of the node, and not mapped any more: what becomes of it is no event. */
static void pool_make(struct pool *pool)
{
	char *memory;

	pool->fd = memfd_create("pool", MFD_CLOEXEC);
	require(pool->fd >= 0 && !ftruncate(pool->fd, POOL * GUEST_PAGE), "memfd: %s", strerror(errno));
	memory = mmap(NULL, POOL * GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, pool->fd, 0);
	require(memory != MAP_FAILED, "mmap: %s", strerror(errno));
	numa_bind(memory, POOL, node[1]);
	memset(memory, 1, POOL * GUEST_PAGE);
	pagemap_read(memory, pool->pages, POOL);
	munmap(memory, POOL * GUEST_PAGE);
}

/*
 * Leaves nothing below the guest's memory, and every other page above it: the odd ones, as where it found
 * nothing for long, compaction looks at every 32nd only (isolate_freepages()).
 */
static void pool_sift(const struct pool *pool, uint64_t lowest)
{
	for (size_t i = 0; i < POOL; i++) {
		if (pool->pages[i].pfn > lowest && pool->pages[i].pfn % 2)
			continue;
		require(!fallocate(pool->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, i * GUEST_PAGE, GUEST_PAGE),
			"fallocate: %s", strerror(errno));
	}
}

static uint64_t lowest_pfn(const struct page_state *pages, size_t count)
{
	uint64_t lowest = UINT64_MAX;

	for (size_t i = 0; i < count; i++)
		if (pages[i].pfn < lowest)
			lowest = pages[i].pfn;
	return lowest;
}

/*
 * Pages go from the lower end of the node to the upper one, and only where others are already
 * (suitable_migration_target()): into gaps above the guest's memory. As much as lies below it goes first:
 * files of the initramfs, which the kernel spreads over all nodes.
 */
static void set_up(struct stage *s)
{
	static struct pool pools[2];	/* the page allocator gives what is higher before or after the guest's memory */

	/* Else the gaps wait in lists of the CPUs, whose length tunes itself (6.7 and later): not free to it. */
	knob_try(PCP_FRACTION, "100000");
	numa_nodes(node);
	pool_make(&pools[0]);
	backing_alloc(&s->memory, PAGES);
	numa_bind(s->memory.hva, PAGES, node[1]);
	memset(s->memory.hva, 1, PAGES * GUEST_PAGE);
	pool_make(&pools[1]);
	pagemap_read(s->memory.hva, before, PAGES);
	for (size_t i = 0; i < 2; i++)
		pool_sift(&pools[i], lowest_pfn(before, PAGES));
	stage_set_over(s, s->memory.hva, PAGES, 1);
	lru_drain();
	pagemap_read(s->slot->hva, before, PAGES);
}

static void compact(void)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/compact", node[1]);
	err = sysfile_write(path, "1");
	if (err == -ENOENT)
		skip_case("kernel without compaction of one node (no %s)", path);
	require(!err, "%s: %s", path, strerror(-err));
}

/* Which pages are others now. */
static size_t find_moved(const struct stage *s, bool moved[PAGES])
{
	static struct page_state now[PAGES];
	size_t count = 0;

	pagemap_read(s->slot->hva, now, PAGES);
	for (size_t i = 0; i < PAGES; i++) {
		moved[i] = now[i].pfn != before[i].pfn;
		count += moved[i];
	}
	return count;
}

static void at_rest(void)
{
	bool moved[PAGES];
	struct stage s;
	size_t count;

	set_up(&s);
	compact();
	count = find_moved(&s, moved);
	witness_step(&s.witness, "compaction", &(struct step){
		.event = count ? NOTIFY_CLEAR : NOTIFY_NONE, .hva = s.slot->hva, .pages = PAGES, .only = moved, .zapped = count,
	});
	sptes_expect_only(s.slot, 0, PAGES, moved, SPTES_NONE, "compaction");
	stage_read(&s, "guest reads", 0, PAGES, 1, count);
	if (!count && !check_failed())
		skip_case("compaction found nothing to move");
}

static void written(void)
{
	bool moved[PAGES];
	struct stage s;
	int result;

	set_up(&s);
	guest_spin_write_start(s.vcpu, s.slot, 0, PAGES, IDLE);
	require(guest_spin_wait(s.vcpu), "the guest stands still");
	compact();
	require(guest_spin_wait(s.vcpu), "the guest stands still after compaction");
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	witness_step(&s.witness, "compaction under a writing guest", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s.slot->hva, .pages = PAGES, .racing = true, .partial = true,
	});
	guest_spin_expect_written(s.vcpu, s.slot);
	if (!find_moved(&s, moved) && !check_failed())
		skip_case("compaction took no page from the running guest");
}

const struct test test = {
	.name = "compact",
	.group = "migrate",
	.proves = "each page that compaction moved lost its spte before, and no other page did",
	.needs = { .kvm = true, .memory_mib = 32, .nodes = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "at-rest", at_rest, .backings = BACKING_ANON, .full_backings = BACKING_MEMFD },
		{ "written", written, { .cpus = 2 } },
	},
};
