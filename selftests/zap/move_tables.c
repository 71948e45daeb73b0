// SPDX-License-Identifier: GPL-2.0-only
/*
 * mremap() that moves page tables and huge pages instead of single ptes: 2 MiB of ptes by their
 * pmd, 1 GiB by its pud, a huge page by its pmd. What the guest had at the old place is gone all
 * the same.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define LARGE THP_PAGES			/* 2 MiB */
#define HUGE (512 * LARGE)		/* 1 GiB */
#define BYTES(pages) ((pages) * GUEST_PAGE)
#define STRIDE (HUGE / 8 + 77)		/* between the pages that are touched of 1 GiB */
#define TOUCHED 8

struct stage2 {
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot, *to;
	struct witness witness;
};

/* Address space of that size, aligned to it. */
static char *find_room(size_t pages)
{
	char *room = mmap(NULL, BYTES(2 * pages), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			  -1, 0), *start;

	require(room != MAP_FAILED, "no address space: %s", strerror(errno));
	start = (char *)(((uintptr_t)room + BYTES(pages) - 1) / BYTES(pages) * BYTES(pages));
	return start;
}

static void map(char *start, size_t pages)
{
	require(mmap(start, BYTES(pages), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == start,
		"mmap of %zu pages: %s", pages, strerror(errno));
	madvise(start, BYTES(pages), MADV_NOHUGEPAGE);
}

/* Two memslots of the same size; behind the second one there is nothing yet. */
static void set_up(struct stage2 *s, char *memory, size_t pages)
{
	char *room;

	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory, pages);
	room = find_room(pages);
	s->to = vm_add_memslot(&s->vm, room, pages);
	s->to->tag = s->slot->tag;
	witness_open(&s->witness, &s->vm);
}

static void move(struct stage2 *s, const char *what, size_t zapped)
{
	const size_t size = BYTES(s->slot->pages);

	/* Kept until now, lest something else be mapped there. */
	munmap(s->to->hva, size);
	witness_step(&s->witness, "room where it goes", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s->to->hva, .pages = s->to->pages,
	});
	require(mremap(s->slot->hva, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, s->to->hva) ==
		s->to->hva, "mremap: %s", strerror(errno));
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_UNMAP, .hva = s->slot->hva, .pages = s->slot->pages, .zapped = zapped,
	});
}

static void page_table(void)
{
	const size_t pages = 2 * LARGE;
	struct stage2 s;

	set_up(&s, memory_alloc(pages), pages);
	guest_fill(s.vcpu, s.slot, 0, pages, 1);
	witness_step(&s.witness, "guest writes", &(struct step){ .faulted = pages });
	move(&s, "mremap of two page tables", pages);
	guest_expect_efault(s.vcpu, s.slot, LARGE - 2, 4, true);
	guest_check(s.vcpu, s.to, 0, pages, 1);
	witness_step(&s.witness, "guest reads what was moved", &(struct step){ .faulted = pages });
	memory_check("host", s.to->hva, memory_key(s.to->tag, 1), 0, pages);
}

static void page_middle_directory(void)
{
	char *memory = find_room(HUGE);
	struct stage2 s;

	map(memory, HUGE);
	set_up(&s, memory, HUGE);
	for (size_t i = 0; i < TOUCHED; i++)
		guest_fill(s.vcpu, s.slot, i * STRIDE, 1, 1);
	witness_step(&s.witness, "guest writes here and there", &(struct step){ .faulted = TOUCHED });
	move(&s, "mremap of 1 GiB", TOUCHED);
	for (size_t i = 0; i < TOUCHED; i++) {
		guest_expect_efault(s.vcpu, s.slot, i * STRIDE, 1, true);
		guest_check(s.vcpu, s.to, i * STRIDE, 1, 1);
		memory_check("host", s.to->hva, memory_key(s.to->tag, 1), i * STRIDE, 1);
	}
	witness_step(&s.witness, "guest reads what was moved", &(struct step){ .faulted = TOUCHED });
}

/* Every page is mapped by a huge spte, as far as sptes can be read. */
static void expect_huge(const struct memslot *slot, const char *what)
{
	static struct spte_view views[2 * LARGE];
	size_t huge = 0;

	if (!sptes_read(slot, 0, slot->pages, views))
		return;
	for (size_t i = 0; i < slot->pages; i++)
		huge += views[i].mapped && views[i].level == 2;
	expect(huge == slot->pages, "%s: %zu of %zu pages are mapped by huge sptes", what, huge,
	       slot->pages);
}

static void huge_page(void)
{
	const size_t pages = 2 * LARGE;
	char *memory = thp_alloc(pages);
	struct stage2 s;

	set_up(&s, memory, pages);
	memory_fill(memory, memory_key(s.slot->tag, 1), 0, pages);
	if (thp_count(memory) != pages)
		skip_case("the host got %zu of %zu pages huge", thp_count(memory), pages);
	s.witness.granule = LARGE;
	guest_check(s.vcpu, s.slot, 0, pages, 1);
	witness_step(&s.witness, "guest reads huge pages", &(struct step){ .faulted = pages });
	expect_huge(s.slot, "guest reads huge pages");
	move(&s, "mremap of two huge pages", pages);
	expect(thp_count(s.to->hva) == pages, "the huge pages were split");
	guest_expect_efault(s.vcpu, s.slot, LARGE - 2, 4, false);
	guest_check(s.vcpu, s.to, 0, pages, 1);
	witness_step(&s.witness, "guest reads them where they are now",
		     &(struct step){ .faulted = pages });
	expect_huge(s.to, "guest reads them where they are now");
	memory_check("host", s.to->hva, memory_key(s.to->tag, 1), 0, pages);
}

const struct test test = {
	.name = "move_tables",
	.group = "zap",
	.proves = "mremap of whole page tables and huge pages leaves no spte at the old place",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "pmd", page_table },
		{ "pud", page_middle_directory },
		{ "huge-page", huge_page, { .files = { THP_KNOBS "enabled" } } },
	},
};
