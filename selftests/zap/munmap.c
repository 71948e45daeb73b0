// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host takes memory away from under a guest with munmap(). No translation to the old pages may
 * survive: the guest faults out, or finds the page that took their place.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/stage.h"
#include "lib/test.h"

#define ROUNDS 10
#define REFUSAL "a refusal of the host, which tells little of KVM"

/* Two memslots, one behind the other in the same mapping, all of their pages written by the guest. */
struct pair {
	struct stage s;		/* with the one that loses memory */
	struct memslot *neighbour;
};

/* `spare` pages of the file are no memslot's. */
static void set_up_beside(struct pair *p, size_t spare)
{
	const size_t pages = backing()->pages;
	struct stage *s = &p->s;

	backing_alloc(&s->memory, 2 * pages + spare);
	stage_make(s, s->memory.hva, pages);
	p->neighbour = vm_add_memslot(&s->vm, s->memory.hva + pages * GUEST_PAGE, pages);
	witness_open(&s->witness, &s->vm);
	guest_fill(s->vcpu, s->slot, 0, pages, 1);
	guest_fill(s->vcpu, p->neighbour, 0, pages, 1);
	witness_step(&s->witness, "guest writes both memslots", &(struct step){ .faulted = 2 * pages });
}

static void set_up(struct pair *p)
{
	set_up_beside(p, 0);
}

static void unmap(struct pair *p, const char *what, size_t first, size_t count)
{
	struct stage *s = &p->s;

	require(!munmap(slot_page(s->slot, first), count * GUEST_PAGE), "%s: %s", what, strerror(errno));
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot_page(s->slot, first), .pages = count, .zapped = count,
	});
	stage_expect_gone(s, first, count);
}

/* What was not unmapped is still there, under the translations that were there before. */
static void check_untouched(struct pair *p, size_t first, size_t count)
{
	const size_t pages = backing()->pages;

	stage_read(&p->s, "all read what stayed", first, count, 1, 0);
	guest_check(p->s.vcpu, p->neighbour, 0, pages, 1);
	memory_check("host", p->neighbour->hva, memory_key(p->neighbour->tag, 1), 0, pages);
	witness_step(&p->s.witness, "all read the neighbour", &(struct step){ 0 });
}

static void check_others(struct pair *p, size_t first, size_t count)
{
	check_untouched(p, 0, first);
	check_untouched(p, first + count, backing()->pages - first - count);
}

static void whole(void)
{
	struct pair p;

	set_up(&p);
	unmap(&p, "munmap of a whole memslot", 0, backing()->pages);
	check_untouched(&p, 0, 0);
}

static void part(void)
{
	struct pair p;

	set_up(&p);
	unmap(&p, "munmap inside a memslot", backing()->middle, backing()->part);
	check_others(&p, backing()->middle, backing()->part);
}

static void ends(void)
{
	const size_t granule = backing()->granule, pages = backing()->pages;
	struct pair p;

	set_up(&p);
	unmap(&p, "munmap of the first page", 0, granule);
	unmap(&p, "munmap of the last page", pages - granule, granule);
	check_untouched(&p, granule, pages - 2 * granule);
}

/* A hugetlb page cannot be cut: the host is refused, and nothing goes. */
static void half_a_page(void)
{
	const size_t large = backing()->granule;
	struct pair p;

	set_up(&p);
	expect(munmap(slot_page(p.s.slot, large), large / 2 * GUEST_PAGE) && errno == EINVAL,
	       "munmap of a half of a hugetlb page was not refused");
	expect(munmap(slot_page(p.s.slot, large / 2), large * GUEST_PAGE) && errno == EINVAL,
	       "munmap of two halves of hugetlb pages was not refused");
	witness_step(&p.s.witness, "munmap of halves", &(struct step){ 0 });
	check_untouched(&p, 0, backing()->pages);
}

static void replaced(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	struct pair p;
	void *hole;

	set_up(&p);
	hole = slot_page(p.s.slot, first);
	require(mmap(hole, count * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == hole, "MAP_FIXED: %s",
		strerror(errno));
	madvise(hole, count * GUEST_PAGE, MADV_NOHUGEPAGE);
	witness_step(&p.s.witness, "MAP_FIXED over a part", &(struct step){
		.event = NOTIFY_UNMAP, .hva = hole, .pages = count, .zapped = count,
	});
	p.s.witness.granule = 1;
	memory_fill(p.s.slot->hva, memory_key(p.s.slot->tag, 2), first, count);
	stage_read(&p.s, "guest reads the new pages", first, count, 2, count);
	check_others(&p, first, count);
}

static int mapping_flags(void)
{
	return MAP_FIXED | (backing()->shared ? MAP_SHARED : MAP_PRIVATE);
}

/* What the guest wrote is in the file, if that was shared; else it is lost, and the file's own there. */
static void mapped_again(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	const unsigned int version = backing()->shared ? 1 : 2;
	struct pair p;
	char *hole;

	set_up(&p);
	if (!backing()->shared)
		memory_fill(memory_map_file(p.s.memory.fd, backing()->pages),
			    memory_key(p.s.slot->tag, 2), first, count);
	unmap(&p, "munmap of a part", first, count);
	hole = slot_page(p.s.slot, first);
	require(mmap(hole, count * GUEST_PAGE, PROT_READ | PROT_WRITE, mapping_flags(), p.s.memory.fd,
		     first * GUEST_PAGE) == hole, "mmap of the part: %s", strerror(errno));
	witness_step(&p.s.witness, "mmap of the part", &(struct step){ 0 });
	stage_read(&p.s, "guest reads what is in the file", first, count, version, count);
	check_others(&p, first, count);
}

/*
 * What takes the place of the memslot's pages, again and again: new anonymous memory, or two parts of the
 * file in turn, the one being written while the guest has the other.
 */
struct spare {
	int fd;
	off_t start;		/* in the file, where the parts are */
	char *memory;		/* it is mapped here as well; NULL: anonymous */
};

static void map_spare(struct spare *spare, const struct pair *p)
{
	const size_t pages = backing()->pages;

	*spare = (struct spare){ .fd = p->s.memory.fd, .start = 2 * pages * GUEST_PAGE };
	if (backing()->bit != BACKING_ANON)
		spare->memory = (char *)memory_map_file(spare->fd, 4 * pages) + spare->start;
}

static void write_epoch(char *memory, size_t pages, uint64_t epoch)
{
	for (size_t page = 0; page < pages; page++)
		*(uint64_t *)(memory + page * GUEST_PAGE) = epoch;
}

/* Pages whose first word is the epoch take the place of the memslot's, in one go. */
static void put_epoch(const struct memslot *slot, const struct spare *spare, uint64_t epoch)
{
	const size_t size = slot->pages * GUEST_PAGE, offset = epoch % 2 * size;
	char *fresh = spare->memory ? spare->memory + offset : memory_alloc(slot->pages);
	void *there;

	write_epoch(fresh, slot->pages, epoch);
	if (spare->memory)
		there = mmap(slot->hva, size, PROT_READ | PROT_WRITE, mapping_flags(), spare->fd,
			     spare->start + offset);
	else
		there = mremap(fresh, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, slot->hva);
	require(there == slot->hva, "new pages over the memslot: %s", strerror(errno));
}

/*
 * The vCPU stays in guest mode and reads all the time: an spte that is zapped without a TLB flush
 * shows here, and nowhere else.
 */
static void replaced_while_read(void)
{
	const size_t pages = backing()->pages;
	struct spare spare;
	struct stage *s;
	struct pair p;
	uint64_t epoch;
	size_t stale;
	int result;

	set_up_beside(&p, 2 * pages);
	s = &p.s;
	map_spare(&spare, &p);
	put_epoch(s->slot, &spare, 1);
	witness_step(&s->witness, "first replacement", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s->slot->hva, .pages = pages, .zapped = pages,
	});
	guest_spin_start(s->vcpu, s->slot, 0, pages, 1);
	for (epoch = 2; epoch < 2 + ROUNDS; epoch++) {
		require(guest_spin_wait(s->vcpu), "the guest stands still at epoch %lu", epoch);
		put_epoch(s->slot, &spare, epoch);
		guest_spin_epoch(s->vcpu, epoch);
	}
	require(guest_spin_wait(s->vcpu), "the guest stands still at the end");
	stale = guest_spin_stop(s->vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	expect(!stale, "the guest read %zu words of pages that were replaced before", stale);
	witness_step(&s->witness, "replaced under a reading guest", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s->slot->hva, .pages = pages, .racing = true,
	});
	guest_check(s->vcpu, p.neighbour, 0, pages, 1);
}

const struct test test = {
	.name = "munmap",
	.group = "zap",
	.proves = "after munmap a guest faults out or sees the new page, never the old one",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "whole", whole, .backings = BACKING_ANON, .full_backings = BACKINGS_ALL & ~BACKING_ANON },
		{ "part", part, .backings = BACKINGS_MAIN, .full_backings = BACKINGS_FURTHER },
		{ "ends", ends, .backings = BACKING_ANON,
		  .full_backings = BACKINGS_ALL & ~BACKING_ANON },
		{ "half-a-page", half_a_page, .full = REFUSAL, .backings = BACKING_HUGETLB },
		{ "replaced", replaced, .backings = BACKING_ANON,
		  .full_backings = BACKINGS_ALL & ~BACKING_ANON },
		{ "mapped-again", mapped_again, .backings = BACKING_MEMFD,
		  .full_backings = BACKING_HUGETLB | BACKINGS_FURTHER },
		{ "replaced-while-read", replaced_while_read, { .cpus = 2 },
		  .backings = BACKING_ANON, .full_backings = BACKINGS_ALL & ~BACKING_ANON },
	},
};
