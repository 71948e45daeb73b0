// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest on hugetlb pages: one spte for each of them. Dirty logging splits the sptes and leaves the
 * pages whole; a hole in the file takes the sptes of its pages, and no other.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/kvm-probe.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define LARGE 512UL		/* 4 KiB pages of 2 MiB */
#define HUGE (512 * LARGE)	/* of 1 GiB */
#define COUNT 4			/* 2 MiB pages of the guest */
#define HOLE 1			/* the one that is punched */

struct stage {
	struct vm vm;
	struct memslot *slot;
	struct witness witness;
	struct sptes_count before;	/* the guest's own sptes, no memslot touched */
	int fd;
	enum notify unmap_event;
};

/* `size` is of one hugetlb page, in pages of 4 KiB. The memslot begins at a gpa aligned to it. */
static void set_up(struct stage *s, size_t size, size_t count)
{
	void *memory;

	if (sptes_missing())
		skip_case("the sptes cannot be read: %s", sptes_missing());
	hugetlb_reserve(size, count);
	s->unmap_event = hugetlb_unmap_event();
	s->fd = hugetlb_file(size, count);
	memory = mmap(NULL, size * count * GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	require(memory != MAP_FAILED, "mmap of hugetlb pages: %s", strerror(errno));
	vm_create(&s->vm, 1);
	s->slot = vm_add_memslot_at(&s->vm, 0, HUGE * GUEST_PAGE, memory, size * count);
	witness_open(&s->witness, &s->vm);
	if (!sptes_count(&s->vm, &s->before))
		skip_case("the sptes cannot be read: %s", sptes_missing());
}

/* Beside the guest's own there are exactly so many leaves, and KVM counts the same. */
static void expect_leaves(const struct stage *s, const char *what, uint64_t small, uint64_t large,
			  uint64_t huge)
{
	static const char *const names[] = { "pages_4k", "pages_2m", "pages_1g" };
	const uint64_t expected[] = { s->before.leaves[0] + small, large, huge };
	struct sptes_count count;
	uint64_t counted;

	require(sptes_count(&s->vm, &count), "the sptes cannot be read");
	for (int i = 0; i < 3; i++) {
		expect(count.leaves[i] == expected[i], "%s: %lu leaf sptes were read, expected %lu (%s)",
		       what, count.leaves[i], expected[i], names[i]);
		if (vm_stat(&s->vm, names[i], &counted))
			expect(counted == count.leaves[i], "%s: %lu leaf sptes were read, %s is %lu",
			       what, count.leaves[i], names[i], counted);
	}
}

/* One fault maps many pages, which is not what the witness's counters are made for: totals are. */
static void step(struct stage *s, const char *what)
{
	witness_step(&s->witness, what, &(struct step){ .racing = true });
	sptes_check(&s->vm, what, true);
}

static void fill(struct stage *s)
{
	guest_fill(&s->vm.vcpu[0], s->slot, 0, COUNT * LARGE, 1);
	step(s, "guest writes");
	expect_leaves(s, "guest writes", 0, COUNT, 0);
	sptes_expect(s->slot, 0, COUNT * LARGE, SPTES_WRITABLE, "guest writes");
}

static void dirty_log(void)
{
	struct stage s;

	set_up(&s, LARGE, COUNT);
	fill(&s);
	memslot_set_flags(s.slot, KVM_MEM_LOG_DIRTY_PAGES);
	sptes_check(&s.vm, "dirty logging on", true);
	/* Every page dirty, so every page an spte of its own, however KVM gets there. */
	guest_fill(&s.vm.vcpu[0], s.slot, 0, COUNT * LARGE, 2);
	step(&s, "guest writes under dirty logging");
	expect_leaves(&s, "guest writes under dirty logging", COUNT * LARGE, 0, 0);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 2), 0, COUNT * LARGE);

	memslot_set_flags(s.slot, 0);
	sptes_check(&s.vm, "dirty logging off", true);
	guest_check(&s.vm.vcpu[0], s.slot, 0, COUNT * LARGE, 2);
	step(&s, "guest reads after it");
	expect_leaves(&s, "guest reads after it", 0, COUNT, 0);
}

static void punch_hole(void)
{
	struct stage s;
	void *hole;

	set_up(&s, LARGE, COUNT);
	fill(&s);
	hole = slot_page(s.slot, HOLE * LARGE);
	require(!fallocate(s.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, HOLE * LARGE * GUEST_PAGE,
			   LARGE * GUEST_PAGE), "fallocate: %s", strerror(errno));
	witness_step(&s.witness, "a hole in the file", &(struct step){
		.event = s.unmap_event, .hva = hole, .pages = LARGE, .zapped = LARGE,
	});
	expect_leaves(&s, "a hole in the file", 0, COUNT - 1, 0);
	sptes_expect(s.slot, 0, HOLE * LARGE, SPTES_WRITABLE, "before the hole");
	sptes_expect(s.slot, (HOLE + 1) * LARGE, (COUNT - HOLE - 1) * LARGE, SPTES_WRITABLE,
		     "behind the hole");
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), HOLE * LARGE, LARGE);
	guest_check(&s.vm.vcpu[0], s.slot, HOLE * LARGE, LARGE, 2);
	guest_check(&s.vm.vcpu[0], s.slot, 0, HOLE * LARGE, 1);
	step(&s, "guest reads the new page");
	expect_leaves(&s, "guest reads the new page", 0, COUNT, 0);
}

static void huge(void)
{
	struct stage s;

	/* It maps no more at once than the guest's own page tables do, which is 2 MiB. */
	if (kvm_shadows())
		skip_case("shadow paging: the test guest's page tables have no page of 1 GiB");
	set_up(&s, HUGE, 1);
	guest_fill(&s.vm.vcpu[0], s.slot, 0, LARGE, 1);
	guest_fill(&s.vm.vcpu[0], s.slot, HUGE - LARGE, LARGE, 1);
	step(&s, "guest writes");
	expect_leaves(&s, "guest writes", 0, 0, 1);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), HUGE - LARGE, LARGE);
	require(!fallocate(s.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, HUGE * GUEST_PAGE),
		"fallocate: %s", strerror(errno));
	witness_step(&s.witness, "a hole in the file", &(struct step){
		.event = s.unmap_event, .hva = s.slot->hva, .pages = HUGE, .zapped = HUGE,
	});
	expect_leaves(&s, "a hole in the file", 0, 0, 0);
}

const struct test test = {
	.name = "hugetlb",
	.group = "spte",
	.proves = "a hugetlb page has one spte, which dirty logging splits and a hole takes alone",
	.needs = { .kvm = true, .memory_mib = 64, .files = { "/proc/kcore" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "dirty-log", dirty_log },
		{ "punch-hole", punch_hole },
		{ "1-gib", huge },
	},
};
