// SPDX-License-Identifier: GPL-2.0-only
/*
 * Much of the machine's memory is one guest, mapped by nothing but 4 KiB sptes. The reader finds
 * every one of them, neither more nor less, all coherent, and says how fast it was.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/sysfile.h"
#include "lib/test.h"
#include "lib/witness.h"

#define READINGS 2
#define MORE "the same with more memory, which takes as much longer"
/*
 * 2 MiB. munmap() inside of 2 MiB takes the sptes of all of them, huge or not
 * (split_huge_pmd_if_needed() in mm/huge_memory.c): so not inside.
 */
#define LARGE_PAGES 512

struct stage {
	struct vm vm;
	struct memslot *slot;
	struct witness witness;
	struct sptes_count before;	/* the guest's own sptes, no memslot touched */
};

static size_t part_of_memory(const struct vm *vm, unsigned int parts)
{
	uint64_t kib = 0;
	size_t pages;

	require(sysfile_key_u64("/proc/meminfo", "MemAvailable:", &kib), "no MemAvailable");
	pages = kib * 1024 / parts / GUEST_PAGE;
	if (pages > vm_room(vm))
		pages = vm_room(vm);
	return pages / LARGE_PAGES * LARGE_PAGES;
}

static void set_up(struct stage *s, unsigned int parts)
{
	size_t pages;

	if (sptes_missing())
		skip_case("the sptes cannot be read: %s", sptes_missing());
	vm_create(&s->vm, 1);
	pages = part_of_memory(&s->vm, parts);
	s->slot = vm_add_memslot(&s->vm, memory_alloc(pages), pages);
	witness_open_counters(&s->witness, &s->vm);
	if (!sptes_count(&s->vm, &s->before))
		skip_case("the sptes cannot be read: %s", sptes_missing());
}

/* Exactly so many leaves, and KVM counts the same. */
static void expect_leaves(const struct stage *s, const struct sptes_count *count, uint64_t pages,
			  const char *what)
{
	uint64_t counted;

	expect(count->leaves[0] == s->before.leaves[0] + pages,
	       "%s: %lu leaf sptes of 4 KiB were read, expected %lu of the guest itself and %lu more",
	       what, count->leaves[0], s->before.leaves[0], pages);
	expect(!count->leaves[1] && !count->leaves[2], "%s: %lu of 2 MiB, %lu of 1 GiB", what,
	       count->leaves[1], count->leaves[2]);
	if (vm_stat(&s->vm, "pages_4k", &counted))
		expect(counted == count->leaves[0], "%s: %lu leaf sptes were read, KVM counts %lu",
		       what, count->leaves[0], counted);
}

static void read_often(const struct stage *s)
{
	struct sptes_count count;
	double best = 0;

	for (int i = 0; i < READINGS; i++) {
		require(sptes_count(&s->vm, &count), "the sptes cannot be read");
		expect_leaves(s, &count, s->slot->pages, "guest writes all");
		if (!i || count.seconds < best)
			best = count.seconds;
	}
	diag("figure leaves %.0f 1/s more", count.leaves[0] / best);
}

static void map_part(unsigned int parts)
{
	struct sptes_count count;
	struct stage s;
	size_t middle;

	set_up(&s, parts);
	middle = s.slot->pages / LARGE_PAGES / 2 * LARGE_PAGES;
	/* Half as dear as faults of the guest; before 5.14 those have to do. */
	madvise(s.slot->hva, s.slot->pages * GUEST_PAGE, MADV_POPULATE_WRITE);
	guest_write_each(&s.vm.vcpu[0], s.slot, 0, s.slot->pages, 1);
	witness_step(&s.witness, "guest writes all", &(struct step){ .faulted = s.slot->pages });
	read_often(&s);
	sptes_expect(s.slot, 0, s.slot->pages, SPTES_WRITABLE, "guest writes all");

	require(!munmap(slot_page(s.slot, middle), (s.slot->pages - middle) * GUEST_PAGE),
		"munmap: %s", strerror(errno));
	require(sptes_count(&s.vm, &count), "the sptes cannot be read");
	expect_leaves(&s, &count, middle, "munmap of a half");
	sptes_expect(s.slot, 0, middle, SPTES_WRITABLE, "munmap of a half");
	witness_step(&s.witness, "munmap of a half", &(struct step){
		.hva = slot_page(s.slot, middle), .pages = s.slot->pages - middle,
		.zapped = s.slot->pages - middle,
	});
}

static void eighth(void)
{
	map_part(8);
}

static void quarter(void)
{
	map_part(4);
}

static void half(void)
{
	map_part(2);
}

const struct test test = {
	.name = "large",
	.group = "spte",
	.proves = "every spte of a guest that is much of the machine is read, no more, no fewer",
	.needs = { .kvm = true, .memory_mib = 64, .files = { "/proc/kcore" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.timeout_s = 60,
	.cases = {
		{ "eighth-of-memory", eighth },
		{ "quarter-of-memory", quarter, .full = MORE },
		{ "half-of-memory", half, .full = MORE },
	},
};
