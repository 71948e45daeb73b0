// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's memory is a huge page, and so is its spte. When the host splits the huge page for a part
 * of it, no huge spte may outlive that; two guests over the same memory lose theirs together.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define PAGES 512	/* 2 MiB */
#define MIDDLE 200
#define PART 31

struct stage {
	struct vm vm, other;
	struct memslot *slot, *other_slot;
	struct witness witness;
	void *memory;
};

/* How many of the pages a huge spte maps. */
static size_t count_huge(const struct memslot *slot)
{
	struct spte_view views[PAGES];
	size_t huge = 0;

	require(sptes_read(slot, 0, PAGES, views), "the sptes cannot be read");
	for (size_t i = 0; i < PAGES; i++)
		huge += views[i].mapped && views[i].level == 2;
	return huge;
}

/* The memory is filled by the host, in one fault for a huge page, if it gets one. */
static void set_up(struct stage *s)
{
	s->memory = thp_alloc(PAGES);
	vm_create(&s->vm, 1);
	s->slot = vm_add_memslot(&s->vm, s->memory, PAGES);
	memory_fill(s->memory, memory_key(s->slot->tag, 1), 0, PAGES);
	witness_open(&s->witness, &s->vm);
	guest_check(&s->vm.vcpu[0], s->slot, 0, PAGES, 1);
	/* One fault maps 512 pages: that is not what its counters are asked for. */
	witness_step(&s->witness, "guest reads a huge page", &(struct step){ .racing = true });
	if (sptes_missing())
		skip_case("%s", sptes_missing());
	sptes_check(&s->vm, "guest reads a huge page", true);
	if (!count_huge(s->slot))
		skip_case("no huge spte: the host gave no huge page, or this MMU maps none");
	expect(count_huge(s->slot) == PAGES, "only %zu of %d pages are mapped by a huge spte",
	       count_huge(s->slot), PAGES);
}

static void read_after_split(struct stage *s, const char *what)
{
	sptes_check(&s->vm, what, true);
	expect(!count_huge(s->slot), "%s: %zu pages are mapped by a huge spte still", what,
	       count_huge(s->slot));
	guest_check(&s->vm.vcpu[0], s->slot, 0, MIDDLE, 1);
	guest_check(&s->vm.vcpu[0], s->slot, MIDDLE + PART, PAGES - MIDDLE - PART, 1);
	sptes_check(&s->vm, "guest reads beside the part", true);
	expect(!count_huge(s->slot), "%s: mapped by a huge spte again", what);
}

static void split_by_mprotect(void)
{
	struct stage s;

	set_up(&s);
	lru_drain();
	require(!mprotect(slot_page(s.slot, MIDDLE), PART * GUEST_PAGE, PROT_READ), "mprotect: %s",
		strerror(errno));
	sptes_expect(s.slot, MIDDLE, PART, SPTES_NONE, "mprotect of a part");
	read_after_split(&s, "mprotect of a part");
	guest_check(&s.vm.vcpu[0], s.slot, MIDDLE, PART, 1);
	sptes_expect(s.slot, MIDDLE, PART, SPTES_READ_ONLY, "guest reads the part");
	guest_expect_efault(&s.vm.vcpu[0], s.slot, MIDDLE, PART, true);
	sptes_check(&s.vm, "guest faults out", true);
}

static void split_by_munmap(void)
{
	struct stage s;

	set_up(&s);
	require(!munmap(slot_page(s.slot, MIDDLE), PART * GUEST_PAGE), "munmap: %s", strerror(errno));
	sptes_expect(s.slot, MIDDLE, PART, SPTES_NONE, "munmap of a part");
	read_after_split(&s, "munmap of a part");
	guest_expect_efault(&s.vm.vcpu[0], s.slot, MIDDLE, PART, false);
}

static void two_guests(void)
{
	struct stage s;

	set_up(&s);
	vm_create(&s.other, 1);
	s.other_slot = vm_add_memslot(&s.other, s.memory, PAGES);
	s.other_slot->tag = s.slot->tag;
	guest_check(&s.other.vcpu[0], s.other_slot, 0, PAGES, 1);
	sptes_check(&s.other, "the other guest reads", true);
	expect(count_huge(s.other_slot) == PAGES, "the other guest has no huge spte");
	require(!munmap(slot_page(s.slot, MIDDLE), PART * GUEST_PAGE), "munmap: %s", strerror(errno));
	sptes_expect(s.slot, MIDDLE, PART, SPTES_NONE, "munmap of a part, first guest");
	sptes_expect(s.other_slot, MIDDLE, PART, SPTES_NONE, "munmap of a part, other guest");
	sptes_check(&s.vm, "munmap of a part, first guest", true);
	sptes_check(&s.other, "munmap of a part, other guest", true);
}

const struct test test = {
	.name = "huge",
	.group = "spte",
	.proves = "no huge spte outlives the split of the huge page under it, in any guest",
	.needs = { .kvm = true, .memory_mib = 64, .files = { THP_KNOBS "enabled", "/proc/kcore" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "mprotect", split_by_mprotect },
		{ "munmap", split_by_munmap },
		{ "two-guests", two_guests },
	},
};
