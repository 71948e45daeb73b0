// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two processes map 1 GiB of the same hugetlb file and share the page table for it. When one of them
 * changes its mapping it drops the whole table, not only the part in question: a guest in it must lose all
 * that it has in that 1 GiB, a guest of the other process nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/pagemap.h"
#include "lib/peer.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"

#define LARGE 512UL			/* 4 KiB pages of 2 MiB */
#define SHARED (512 * LARGE)		/* what one table of huge ptes maps, all of the mapping */
#define PAGES (4 * LARGE)		/* of it is the guest's, and more is never touched */
#define TAG 1

static struct {
	int fd;
} *file;

static char *peer_memory;

/* Aligned to its size, which is the condition for sharing (want_pmd_share()). */
static char *map_file(void)
{
	const size_t size = SHARED * GUEST_PAGE;
	char *room = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *memory = (char *)(((uintptr_t)room + size - 1) & ~(size - 1));

	require(room != MAP_FAILED, "no address space: %s", strerror(errno));
	require(mmap(memory, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE,
		     file->fd, 0) == memory, "mmap of a hugetlb file: %s", strerror(errno));
	return memory;
}

static void peer_begin(void)
{
	peer_memory = map_file();
	memory_fill(peer_memory, memory_key(TAG, 1), 0, PAGES);
}

static void peer_protects(void)
{
	require(!mprotect(peer_memory, LARGE * GUEST_PAGE, PROT_READ), "mprotect: %s", strerror(errno));
}

static void peer_unmaps(void)
{
	require(!munmap(peer_memory, SHARED * GUEST_PAGE), "munmap: %s", strerror(errno));
}

static void peer_checks(void)
{
	memory_check("peer", peer_memory, memory_key(TAG, 1), 0, PAGES);
}

static void set_up(struct stage *s, struct peer *peer)
{
	struct page_state last;

	hugetlb_reserve(LARGE, 2 * PAGES / LARGE);
	file = shared_alloc(sizeof(*file));
	file->fd = hugetlb_file(LARGE, SHARED / LARGE);
	peer_start(peer, "the other process");
	peer_call(peer, peer_begin);
	s->memory.hva = map_file();
	memory_check("host", s->memory.hva, memory_key(TAG, 1), 0, 1);
	pagemap_read(s->memory.hva + (PAGES - 1) * GUEST_PAGE, &last, 1);
	if (!last.present)
		skip_case("this kernel shares no page tables of hugetlb mappings");
	stage_make(s, s->memory.hva, PAGES);
	s->slot->tag = TAG;
	witness_open(&s->witness, &s->vm);
	s->witness.granule = LARGE;
	stage_read(s, "guest reads", 0, PAGES, 1, PAGES);
}

/* All that the guest had in the 1 GiB is gone, whatever part of it was meant. */
static void expect_all_gone(struct stage *s, const char *what, enum notify event, enum notify also)
{
	witness_step(&s->witness, what, &(struct step){
		.event = event, .also = also, .hva = s->memory.hva, .pages = SHARED, .zapped = PAGES,
	});
	sptes_expect(s->slot, 0, PAGES, SPTES_NONE, what);
}

static void mprotect_part(void)
{
	struct peer peer;
	struct stage s;

	set_up(&s, &peer);
	require(!mprotect(slot_page(s.slot, LARGE), LARGE * GUEST_PAGE, PROT_READ), "mprotect: %s",
		strerror(errno));
	expect_all_gone(&s, "mprotect of a part", NOTIFY_CLEAR, NOTIFY_PROTECTION_VMA);
	stage_read(&s, "guest reads", 0, PAGES, 1, PAGES);
	guest_expect_efault(s.vcpu, s.slot, LARGE, 1, true);
	witness_step(&s.witness, "guest faults out", &(struct step){ 0 });
	peer_call(&peer, peer_checks);
}

static void mprotect_all(void)
{
	struct peer peer;
	struct stage s;

	set_up(&s, &peer);
	require(!mprotect(s.memory.hva, SHARED * GUEST_PAGE, PROT_READ), "mprotect: %s", strerror(errno));
	expect_all_gone(&s, "mprotect of all", NOTIFY_PROTECTION_VMA, NOTIFY_NONE);
	stage_read(&s, "guest reads", 0, PAGES, 1, PAGES);
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "guest reads");
}

/* The part is at the end, and not the guest's. */
static void munmap_elsewhere(void)
{
	struct peer peer;
	struct stage s;

	set_up(&s, &peer);
	require(!munmap(s.memory.hva + (SHARED - LARGE) * GUEST_PAGE, LARGE * GUEST_PAGE), "munmap: %s",
		strerror(errno));
	expect_all_gone(&s, "munmap elsewhere", NOTIFY_CLEAR, NOTIFY_NONE);
	stage_read(&s, "guest reads", 0, PAGES, 1, PAGES);
	peer_call(&peer, peer_checks);
}

static void punch_hole(void)
{
	struct peer peer;
	struct stage s;

	set_up(&s, &peer);
	require(!fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, LARGE * GUEST_PAGE,
			   LARGE * GUEST_PAGE), "fallocate: %s", strerror(errno));
	expect_all_gone(&s, "a hole in the file", hugetlb_unmap_event(), NOTIFY_NONE);
	stage_write(&s, "guest writes the new page", LARGE, LARGE, 2, LARGE);
	stage_read(&s, "guest reads before it", 0, LARGE, 1, LARGE);
	stage_read(&s, "guest reads behind it", 2 * LARGE, PAGES - 2 * LARGE, 1, PAGES - 2 * LARGE);
}

static void moved(void)
{
	struct peer peer;
	struct stage s;
	int node[2], now;

	set_up(&s, &peer);
	numa_nodes(node);
	numa_where(slot_page(s.slot, LARGE), 1, &now);
	numa_move_pages(slot_page(s.slot, LARGE), 1, node[now == node[0]]);
	expect_all_gone(&s, "move_pages", NOTIFY_CLEAR, NOTIFY_NONE);
	stage_read(&s, "guest reads", 0, PAGES, 1, PAGES);
	peer_call(&peer, peer_checks);
}

/* What the other process does to its mapping is none of this one's business. */
static void by_peer(void)
{
	struct peer peer;
	struct stage s;

	set_up(&s, &peer);
	peer_call(&peer, peer_protects);
	witness_step(&s.witness, "the other process protects a part", &(struct step){ 0 });
	peer_call(&peer, peer_unmaps);
	witness_step(&s.witness, "the other process unmaps all", &(struct step){ 0 });
	stage_read(&s, "guest reads", 0, PAGES, 1, 0);
	guest_fill(s.vcpu, s.slot, 0, PAGES, 2);
	memory_check("host", s.slot->hva, memory_key(TAG, 2), 0, PAGES);
	sptes_check(&s.vm, "guest writes", true);
}

const struct test test = {
	.name = "pmd_share",
	.group = "thp",
	.proves = "who drops a shared page table of hugetlb pages loses all sptes behind it, others none",
	.needs = { .kvm = true, .memory_mib = 96 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "mprotect-part", mprotect_part },
		{ "mprotect-all", mprotect_all },
		{ "munmap-elsewhere", munmap_elsewhere },
		{ "punch-hole", punch_hole },
		{ "move_pages", moved, { .nodes = 2 } },
		{ "by-peer", by_peer },
	},
};
