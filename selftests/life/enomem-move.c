// SPDX-License-Identifier: GPL-2.0-only
/*
 * One allocation after the other fails while UFFDIO_MOVE takes pages of a guest to where there are no page
 * tables. What was moved by then is there, the rest is where it was; it is moved back, and the guest goes on.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/failing-act.h"
#include "lib/fault-injection.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/uffd-move.h"

#define REGION 512UL		/* pages that one page table maps, or a huge page has */
#define FIRST 24
#define COUNT 17
#define SMALL 64		/* pages of a memslot of small ones */
#define LARGE (2 * REGION)	/* of huge ones */
#define GIB (1UL << 30)		/* that one table of huge ptes maps */

static struct stage s;
static size_t first, count;	/* what is moved */
static char *room;		/* whose tables go with it */
static size_t room_size;
static char *to;		/* in there, on both sides of where the next table begins */
static int uffd;
static size_t moved;		/* pages, by the last attempt */

static void map_room(void)
{
	require(mmap(room, room_size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == room,
		"mmap: %s", strerror(errno));
	uffd = uffd_move_open(to, count);
}

static void prepare(unsigned int version)
{
	(void)version;
	map_room();
}

/* The split of a huge page leaves small ones, so there is a new one each time. */
static void prepare_huge(unsigned int version)
{
	const size_t size = LARGE * GUEST_PAGE;

	require(mmap(s.slot->hva, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		     -1, 0) == s.slot->hva, "mmap: %s", strerror(errno));
	require(!madvise(s.slot->hva, size, MADV_HUGEPAGE), "MADV_HUGEPAGE: %s", strerror(errno));
	require(!guest_fill(s.vcpu, s.slot, 0, LARGE, version), "the guest cannot write");
	if (thp_count(s.slot->hva) != LARGE)
		skip_case("the host gave no huge pages");
	map_room();
}

static int move(unsigned int version)
{
	ssize_t done = uffd_move_some(uffd, to, slot_page(s.slot, first), count);

	(void)version;
	moved = done < 0 ? 0 : done;
	return done < 0 ? (int)done : moved < count ? -EAGAIN : 0;
}

static void move_back(unsigned int version)
{
	char *from = slot_page(s.slot, first);

	if (moved)
		memory_check("what was moved", to - first * GUEST_PAGE,
			     memory_key(s.slot->tag, version), first, moved);
	uffd_move_close(uffd);
	if (!moved)
		return;
	uffd = uffd_move_open(from, moved);
	lru_drain();
	uffd_move(uffd, from, to, moved);
	uffd_move_close(uffd);
}

/* Tables of the room's first half, and others of its second half, `size` bytes each. */
static void make_room(size_t size)
{
	char *memory = memory_alloc(3 * size / GUEST_PAGE);

	room = (char *)(((uintptr_t)memory + size - 1) / size * size);
	room_size = 2 * size;
	to = room + size - (count == LARGE ? REGION : COUNT / 2) * GUEST_PAGE;
}

static void small_pages(void)
{
	first = FIRST;
	count = COUNT;
	make_room(REGION * GUEST_PAGE);
	stage_set(&s, SMALL);
	failing_act_try(&s, &(struct failing_act){
		.what = "UFFDIO_MOVE", .prepare = prepare, .run = move, .undo = move_back,
		.first = FIRST, .count = COUNT, .event = NOTIFY_CLEAR, .other = EAGAIN, .hides = true,
	});
}

/* split_huge_pmd(), then split_folio() in the middle of the invalidation of a page */
static void part_of_huge_page(void)
{
	first = FIRST;
	count = COUNT;
	make_room(REGION * GUEST_PAGE);
	stage_set_over(&s, thp_alloc(LARGE), LARGE, REGION);
	failing_act_try(&s, &(struct failing_act){
		.what = "UFFDIO_MOVE of a part", .prepare = prepare_huge, .run = move, .undo = move_back,
		.first = FIRST, .count = COUNT, .wide = true, .hides = true,
		.prepared = NOTIFY_UNMAP, .event = NOTIFY_CLEAR, .other = EAGAIN,
	});
}

/* As wholes, and for the second one there is no table of huge ptes (mm_alloc_pmd() in mm/userfaultfd.c). */
static void huge_pages(void)
{
	first = 0;
	count = LARGE;
	make_room(GIB);
	stage_set_over(&s, thp_alloc(LARGE), LARGE, REGION);
	failing_act_try(&s, &(struct failing_act){
		.what = "UFFDIO_MOVE of huge pages", .prepare = prepare_huge, .run = move, .undo = move_back,
		.first = 0, .count = LARGE, .hides = true,
		.prepared = NOTIFY_UNMAP, .event = NOTIFY_CLEAR, .other = EAGAIN,
	});
}

const struct test test = {
	.name = "enomem-move",
	.group = "life",
	.proves = "an allocation that fails in UFFDIO_MOVE leaves each page at the one place or at the other",
	.needs = { .kvm = true, .memory_mib = 64, .files = { FAULT_INJECTION_FILES } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_INJECTED,
	.timeout_s = 60,
	.cases = {
		{ "small-pages", small_pages },
		{ "part-of-huge-page", part_of_huge_page, { .files = { THP_KNOBS "enabled" } } },
		{ "huge-pages", huge_pages, { .files = { THP_KNOBS "enabled" } } },
	},
};
