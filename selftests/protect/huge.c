// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host takes rights away from whole huge pages. The guest loses its huge sptes of those pages and of no
 * other, has read-only huge sptes then, and writable ones when the host gives the right back.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/hugetlb.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define COUNT 3				/* huge pages */
#define PAGES (COUNT * THP_PAGES)
#define HUGE THP_PAGES			/* the second huge page: its first page, and how many it has */

static struct stage s;

/* All of these pages are mapped by sptes of 2 MiB; no other is. */
static void expect_huge(const char *what, size_t first, size_t count)
{
	static struct spte_view views[PAGES];
	size_t huge = 0, outside = 0;

	require(sptes_read(s.slot, 0, PAGES, views), "the sptes cannot be read");
	for (size_t page = 0; page < PAGES; page++) {
		if (!views[page].mapped || views[page].level != 2)
			continue;
		if (page >= first && page < first + count)
			huge++;
		else
			outside++;
	}
	expect(huge == count && !outside, "%s: %zu of %zu pages are mapped by huge sptes, and %zu others",
	       what, huge, count, outside);
}

static void set_up(void *memory)
{
	struct spte_view first;

	if (sptes_missing())
		skip_case("the sptes cannot be read: %s", sptes_missing());
	vm_create(&s.vm, 1);
	s.vcpu = &s.vm.vcpu[0];
	s.slot = vm_add_memslot(&s.vm, memory, PAGES);
	memory_fill(memory, memory_key(s.slot->tag, 1), 0, PAGES);
	witness_open(&s.witness, &s.vm);
	s.witness.granule = HUGE;
	guest_write_each(s.vcpu, s.slot, 0, 1, 0);
	if (!sptes_read(s.slot, 0, 1, &first) || first.level != 2)
		skip_case("no huge spte: this MMU maps none");
	stage_write(&s, "guest writes", 0, PAGES, 1, PAGES);
	expect_huge("guest writes", 0, PAGES);
}

static void set_up_thp(void)
{
	void *memory = thp_alloc(PAGES);

	memset(memory, 0, PAGES * GUEST_PAGE);
	if (thp_count(memory) != PAGES)
		skip_case("the host gave huge pages for %zu of %lu pages only", thp_count(memory), PAGES);
	set_up(memory);
}

static void set_up_hugetlb(bool shared)
{
	int fd;

	hugetlb_reserve(HUGE, COUNT);
	fd = hugetlb_file(HUGE, COUNT);
	set_up(shared ? memory_map_file(fd, PAGES) : memory_map_private(fd, PAGES));
}

static void protect(const char *what, int rights, size_t first, size_t count, size_t zapped)
{
	void *start = slot_page(s.slot, first);

	lru_drain();
	require(!mprotect(start, count * GUEST_PAGE, rights), "mprotect: %s", strerror(errno));
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = start, .pages = count, .zapped = zapped,
	});
}

static void expect_no_access(size_t first, size_t count, bool write)
{
	for (size_t page = first; page < first + count; page += HUGE / 2)
		guest_expect_efault(s.vcpu, s.slot, page, 1, write);
	witness_step(&s.witness, "access without the right", &(struct step){ 0 });
}

static void take_rights(void)
{
	protect("mprotect to read-only", PROT_READ, 0, PAGES, PAGES);
	expect_no_access(0, PAGES, true);
	stage_read(&s, "all read read-only pages", 0, PAGES, 1, PAGES);
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "all read read-only pages");
	expect_huge("all read read-only pages", 0, PAGES);
	expect_no_access(0, PAGES, true);
	protect("mprotect of the last one to none", PROT_NONE, PAGES - HUGE, HUGE, HUGE);
	expect_huge("mprotect of the last one to none", 0, PAGES - HUGE);
}

/* Of the second huge page only. */
static void one_page(void)
{
	const size_t behind = 2 * HUGE;

	protect("mprotect of one huge page to none", PROT_NONE, HUGE, HUGE, HUGE);
	expect_no_access(HUGE, HUGE, false);
	stage_read(&s, "all read before it", 0, HUGE, 1, 0);
	stage_read(&s, "all read behind it", behind, PAGES - behind, 1, 0);
	protect("mprotect back", PROT_READ | PROT_WRITE, HUGE, HUGE, 0);
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), HUGE, HUGE);
	stage_write(&s, "guest writes it again", HUGE, HUGE, 2, HUGE);
	expect_huge("guest writes it again", 0, PAGES);
	sptes_expect(s.slot, 0, PAGES, SPTES_WRITABLE, "guest writes it again");
	stage_write(&s, "guest writes the others", 0, HUGE, 2, 0);
	stage_write(&s, "guest writes the others", behind, PAGES - behind, 2, 0);
	stage_read(&s, "all read what was written", 0, PAGES, 2, 0);
}

static void thp(void)
{
	set_up_thp();
	take_rights();
}

static void thp_one(void)
{
	set_up_thp();
	one_page();
}

static void hugetlb_shared(void)
{
	set_up_hugetlb(true);
	take_rights();
}

static void hugetlb_shared_one(void)
{
	set_up_hugetlb(true);
	one_page();
}

static void hugetlb_private(void)
{
	set_up_hugetlb(false);
	take_rights();
}

static void hugetlb_private_one(void)
{
	set_up_hugetlb(false);
	one_page();
}

const struct test test = {
	.name = "huge",
	.group = "protect",
	.proves = "a guest loses the rights to a huge page whole, and has it as huge again",
	.needs = { .kvm = true, .memory_mib = 64, .files = { "/proc/kcore" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "thp", thp, { .files = { THP_KNOBS "enabled" } } },
		{ "thp-one", thp_one, { .files = { THP_KNOBS "enabled" } } },
		{ "hugetlb-shared", hugetlb_shared },
		{ "hugetlb-shared-one", hugetlb_shared_one },
		{ "hugetlb-private", hugetlb_private },
		{ "hugetlb-private-one", hugetlb_private_one },
	},
};
