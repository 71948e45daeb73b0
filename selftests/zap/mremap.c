// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host moves memory with mremap(). The guest loses it where it was, whatever is put there
 * next, and finds it where it is now, with all that it wrote.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/test.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* A memslot that the guest reads the moved memory through. */
static struct memslot *add_target(struct stage *s)
{
	void *room = memory_alloc(s->slot->pages);
	struct memslot *to;

	witness_step(&s->witness, "memory of no memslot", &(struct step){ 0 });
	to = vm_add_memslot(&s->vm, room, s->slot->pages);
	to->tag = s->slot->tag;
	return to;
}

static int try_move(struct stage *s, struct memslot *to, size_t first, size_t count, int flags)
{
	const bool hugetlb = backing()->bit == BACKING_HUGETLB;
	void *old = slot_page(s->slot, first), *new = slot_page(to, first);

	/* Kept until now, lest something else be mapped there. */
	munmap(new, count * GUEST_PAGE);
	witness_step(&s->witness, "room where it goes", &(struct step){
		.event = NOTIFY_UNMAP, .hva = new, .pages = count,
	});
	if (mremap(old, count * GUEST_PAGE, count * GUEST_PAGE,
		   MREMAP_MAYMOVE | MREMAP_FIXED | flags, new) != new)
		return -errno;
	/*
	 * The one that moves says UNMAP, or CLEAR of hugetlb pages; what unmaps the rest says UNMAP, and too
	 * late: the guest would have written to pages that have moved.
	 */
	witness_step(&s->witness, "mremap", &(struct step){
		.event = hugetlb ? NOTIFY_CLEAR : NOTIFY_UNMAP,
		.by = hugetlb ? "move_hugetlb_page_tables" : "move_page_tables",
		.also = NOTIFY_UNMAP, .hva = old, .pages = count, .zapped = count,
	});
	return 0;
}

static void move(struct stage *s, struct memslot *to, size_t first, size_t count)
{
	int err = try_move(s, to, first, count, 0);

	if (err == -EINVAL && backing()->bit == BACKING_HUGETLB)
		skip_case("kernel without mremap of hugetlb pages");
	require(!err, "mremap: %s", strerror(-err));
}

/* Where it went it has all its content, and can be written. */
static void check_moved(struct stage *s, const struct memslot *to, size_t first, size_t count)
{
	require(!guest_check(s->vcpu, to, first, count, 1), "the guest cannot read what was moved");
	witness_step(&s->witness, "guest reads what was moved", &(struct step){ .faulted = count });
	memory_check("host", to->hva, memory_key(to->tag, 1), first, count);
	require(!guest_fill(s->vcpu, to, first, count, 3), "the guest cannot write what was moved");
	witness_step(&s->witness, "guest writes it", &(struct step){ 0 });
	memory_check("host", to->hva, memory_key(to->tag, 3), first, count);
}

/* Other memory at the old place is what the guest sees there now. */
static void check_replaced(struct stage *s, const struct memslot *to, size_t first, size_t count)
{
	void *old = slot_page(s->slot, first);

	require(mmap(old, count * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == old, "MAP_FIXED: %s",
		strerror(errno));
	madvise(old, count * GUEST_PAGE, MADV_NOHUGEPAGE);
	s->witness.granule = 1;
	memory_fill(s->slot->hva, memory_key(s->slot->tag, 2), first, count);
	stage_read(s, "guest reads what took its place", first, count, 2, count);
	guest_check(s->vcpu, to, first, count, 3);
	memory_check("host", to->hva, memory_key(to->tag, 3), first, count);
}

static void whole(void)
{
	struct memslot *to;
	struct stage s;

	stage_set(&s, backing()->pages);
	to = add_target(&s);
	move(&s, to, 0, s.slot->pages);
	stage_expect_gone(&s, 0, s.slot->pages);
	check_moved(&s, to, 0, s.slot->pages);
	check_replaced(&s, to, 0, s.slot->pages);
}

static void part(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	struct memslot *to;
	struct stage s;

	stage_set(&s, backing()->pages);
	to = add_target(&s);
	move(&s, to, first, count);
	stage_expect_gone(&s, first, count);
	stage_read_others(&s, first, count);
	check_moved(&s, to, first, count);
	check_replaced(&s, to, first, count);
	stage_read_others(&s, first, count);
}

/* The mapping stays behind, empty: of a file it finds its pages again, else it begins anew. */
static void dontunmap(void)
{
	const size_t pages = backing()->pages;
	struct memslot *to;
	struct stage s;
	int err;

	stage_set(&s, pages);
	to = add_target(&s);
	err = try_move(&s, to, 0, pages, MREMAP_DONTUNMAP);
	if (err == -EINVAL)
		skip_case("kernel without MREMAP_DONTUNMAP of such memory");
	require(!err, "mremap: %s", strerror(-err));
	if (backing()->shared) {
		stage_read(&s, "guest reads the old mapping", 0, pages, 1, pages);
		check_moved(&s, to, 0, pages);
		stage_read(&s, "guest reads what was written by the new one", 0, pages, 3, 0);
		return;
	}
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), 0, pages);
	stage_read(&s, "guest reads what is in the old mapping now", 0, pages, 2, pages);
	check_moved(&s, to, 0, pages);
}

/* Smaller, and back to its size where it is. */
static void resized(void)
{
	const size_t left = backing()->middle, pages = backing()->pages;
	struct stage s;

	stage_set(&s, pages);
	require(mremap(s.slot->hva, pages * GUEST_PAGE, left * GUEST_PAGE, 0) == s.slot->hva,
		"mremap to a smaller size: %s", strerror(errno));
	witness_step(&s.witness, "mremap to a smaller size", &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot_page(s.slot, left), .pages = pages - left,
		.zapped = pages - left,
	});
	stage_expect_gone(&s, left, pages - left);
	require(mremap(s.slot->hva, left * GUEST_PAGE, pages * GUEST_PAGE, 0) == s.slot->hva,
		"mremap to the old size: %s", strerror(errno));
	witness_step(&s.witness, "mremap to the old size", &(struct step){ 0 });
	if (!backing()->shared)
		memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), left, pages - left);
	stage_read(&s, "guest reads all", 0, pages, 1, pages - left);
}

/* The next address is taken: the host is refused first, and the guest has all that it had. */
static char *grow(struct stage *s, size_t pages)
{
	const size_t old = s->slot->pages * GUEST_PAGE, new = pages * GUEST_PAGE;
	char *place;

	require(s->memory.fd < 0 || !ftruncate(s->memory.fd, new), "ftruncate: %s", strerror(errno));
	expect(mremap(s->slot->hva, old, new, 0) == MAP_FAILED && errno == ENOMEM,
	       "mremap to a greater size, not to be moved, was not refused");
	stage_read(s, "mremap without room", 0, s->slot->pages, 1, 0);
	place = mremap(s->slot->hva, old, new, MREMAP_MAYMOVE);
	require(place != MAP_FAILED, "mremap to a greater size: %s", strerror(errno));
	expect(place != s->slot->hva, "mremap moved nothing");
	witness_step(&s->witness, "mremap to a greater size", &(struct step){
		.event = NOTIFY_UNMAP, .by = "move_page_tables", .hva = s->slot->hva,
		.pages = s->slot->pages, .zapped = s->slot->pages,
	});
	return place;
}

/* The pages that came with the move are new, and the guest can use them. */
static void check_grown(struct stage *s, const struct memslot *to, size_t first, size_t count)
{
	require(!guest_fill(s->vcpu, to, first, count, 2), "the guest cannot write what is new");
	witness_step(&s->witness, "guest writes what is new", &(struct step){ .faulted = count });
	memory_check("host", to->hva, memory_key(to->tag, 2), first, count);
	if (!backing()->shared)
		return;
	memory_check("who maps the file", memory_map_file(s->memory.fd, to->pages),
		     memory_key(to->tag, 2), first, count);
}

static void grown(void)
{
	const size_t pages = backing()->pages, more = 2 * pages;
	struct memslot *to;
	struct stage s;
	char *place;

	stage_set(&s, pages);
	place = grow(&s, more);
	stage_expect_gone(&s, 0, pages);
	to = vm_add_memslot(&s.vm, place, more);
	to->tag = s.slot->tag;
	check_moved(&s, to, 0, pages);
	check_grown(&s, to, pages, more - pages);
	check_replaced(&s, to, 0, pages);
}

/* Newer kernels move several mappings in one call. */
static void several(void)
{
	const size_t first = backing()->middle, pages = backing()->pages;
	struct memslot *to;
	struct stage s;
	int err;

	stage_set(&s, pages);
	to = add_target(&s);
	require(!madvise(slot_page(s.slot, first), backing()->part * GUEST_PAGE, MADV_DONTDUMP),
		"MADV_DONTDUMP: %s", strerror(errno));
	err = try_move(&s, to, 0, pages, 0);
	if (err == -EFAULT)
		skip_case("kernel whose mremap moves one mapping only");
	require(!err, "mremap: %s", strerror(-err));
	stage_expect_gone(&s, 0, pages);
	check_moved(&s, to, 0, pages);
}

const struct test test = {
	.name = "mremap",
	.group = "zap",
	.proves = "memory that mremap moved is lost to the guest where it was, and whole where it is",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "whole", whole, .backings = BACKINGS_MAIN, .full_backings = BACKINGS_FURTHER },
		{ "part", part, .backings = BACKINGS_MAIN, .full_backings = BACKINGS_FURTHER },
		{ "dontunmap", dontunmap, .backings = BACKING_ANON,
		  .full_backings = BACKING_MEMFD | BACKINGS_FURTHER },
		{ "resized", resized, .backings = BACKING_ANON,
		  .full_backings = BACKING_MEMFD | BACKINGS_FURTHER },
		{ "grown", grown, .backings = BACKING_ANON,
		  .full_backings = BACKING_MEMFD | BACKINGS_FURTHER },
		{ "several", several },
	},
};
