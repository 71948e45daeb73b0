// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's memory is two huge pages, each with one spte, and the host does something to a part of the
 * second. Its huge spte goes, the first one's stays; what the guest touches then is mapped page by page.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"

#define HUGE THP_PAGES		/* the second huge page, and how many pages it has */
#define PAGES (2 * HUGE)
#define FIRST (HUGE + 200)	/* the part: whole windows of what one fault may map, see kvm_probe_prefetch() */
#define COUNT 32UL
#define BEHIND (FIRST + COUNT)

#ifndef MADV_COLD
#define MADV_COLD 20
#endif

static void set_up(struct stage *s, void *memory)
{
	s->memory.hva = memory;
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory, PAGES);
	witness_open(&s->witness, &s->vm);
	s->witness.granule = HUGE;
	stage_write(s, "guest writes", 0, PAGES, 1, PAGES);
	if (thp_count(memory) != PAGES)
		skip_case("the host gave huge pages for %zu of %lu pages only", thp_count(memory), PAGES);
	sptes_expect_level(s->slot, 0, PAGES, 2, "guest writes");
	s->witness.granule = 1;
	lru_drain();
}

static void set_up_anonymous(struct stage *s)
{
	set_up(s, thp_alloc(PAGES));
}

/* All of the second huge page lost its spte; `event` and `also` say why. */
static void expect_second_gone(struct stage *s, const char *what, enum notify event, enum notify also)
{
	witness_step(&s->witness, what, &(struct step){
		.event = event, .also = also, .hva = slot_page(s->slot, HUGE), .pages = HUGE,
		.zapped = HUGE,
	});
	sptes_expect(s->slot, HUGE, HUGE, SPTES_NONE, what);
}

/* These pages have lost their spte, not what was in them. */
static void guest_reads_small(struct stage *s, const char *what, size_t first, size_t count)
{
	stage_read(s, "guest reads beside the part", first, count, 1, count);
	sptes_expect_level(s->slot, first, count, 1, what);
}

static void expect_first_stays(struct stage *s, const char *what)
{
	stage_read(s, "guest reads the other huge page", 0, HUGE, 1, 0);
	sptes_expect_level(s->slot, 0, HUGE, 2, "the other huge page");
	expect(thp_count(s->slot->hva) == HUGE, "%s: the host has %zu pages mapped by huge ptes", what,
	       thp_count(s->slot->hva));
}

static void expect_split(struct stage *s, const char *what, enum notify event, enum notify also)
{
	expect_second_gone(s, what, event, also);
	guest_reads_small(s, "before the part", HUGE, FIRST - HUGE);
	guest_reads_small(s, "behind the part", BEHIND, PAGES - BEHIND);
	sptes_expect(s->slot, FIRST, COUNT, SPTES_NONE, "the part");
	expect_first_stays(s, what);
}

/* The part is still what it was, in small pages. */
static void expect_same(struct stage *s)
{
	stage_read(s, "guest reads the part", FIRST, COUNT, 1, COUNT);
	sptes_expect_level(s->slot, FIRST, COUNT, 1, "the part");
	stage_write(s, "guest writes all of it", HUGE, HUGE, 2, 0);
}

static void expect_zeros(struct stage *s, size_t first, size_t count)
{
	uint64_t value;

	for (size_t page = first; page < first + count; page++) {
		require(!guest_write(s->vcpu, s->slot, page, 0) &&
			!guest_read(s->vcpu, s->slot, page, &value), "the guest cannot use page %zu", page);
		for (size_t i = 0; i < GUEST_PAGE; i += sizeof(value))
			expect(!*(uint64_t *)((char *)slot_page(s->slot, page) + i),
			       "page %zu is not empty after the part was dropped", page);
	}
	witness_step(&s->witness, "guest uses empty pages", &(struct step){ .faulted = count });
}

static void by_mprotect(void)
{
	struct stage s;

	set_up_anonymous(&s);
	require(!mprotect(slot_page(s.slot, FIRST), COUNT * GUEST_PAGE, PROT_READ), "mprotect: %s",
		strerror(errno));
	expect_split(&s, "mprotect", NOTIFY_CLEAR, NOTIFY_PROTECTION_VMA);
	stage_read(&s, "guest reads the part", FIRST, COUNT, 1, COUNT);
	sptes_expect(s.slot, FIRST, COUNT, SPTES_READ_ONLY, "the part");
	guest_expect_efault(s.vcpu, s.slot, FIRST, COUNT, true);
	witness_step(&s.witness, "guest faults out", &(struct step){ 0 });
}

static void by_munmap(void)
{
	struct stage s;

	set_up_anonymous(&s);
	require(!munmap(slot_page(s.slot, FIRST), COUNT * GUEST_PAGE), "munmap: %s", strerror(errno));
	expect_split(&s, "munmap", NOTIFY_CLEAR, NOTIFY_UNMAP);
	stage_expect_gone(&s, FIRST, COUNT);
}

static void advise(struct stage *s, int advice, const char *what)
{
	require(!madvise(slot_page(s->slot, FIRST), COUNT * GUEST_PAGE, advice), "%s: %s", what,
		strerror(errno));
	expect_split(s, what, NOTIFY_CLEAR, NOTIFY_NONE);
}

static void by_dontneed(void)
{
	struct stage s;

	set_up_anonymous(&s);
	advise(&s, MADV_DONTNEED, "MADV_DONTNEED");
	expect_zeros(&s, FIRST, COUNT);
}

static void by_free(void)
{
	struct stage s;

	set_up_anonymous(&s);
	advise(&s, MADV_FREE, "MADV_FREE");
	expect_same(&s);
}

static void by_cold(void)
{
	struct stage s;

	set_up_anonymous(&s);
	advise(&s, MADV_COLD, "MADV_COLD");
	expect_same(&s);
}

/* Two VMAs in the range of one huge pte cannot be. */
static void by_mlock(void)
{
	struct stage s;

	set_up_anonymous(&s);
	require(!mlock2(slot_page(s.slot, FIRST), COUNT * GUEST_PAGE, MLOCK_ONFAULT), "mlock2: %s",
		strerror(errno));
	expect_split(&s, "mlock2", NOTIFY_CLEAR, NOTIFY_NONE);
	expect_same(&s);
}

static void by_debugfs(void)
{
	struct stage s;

	set_up_anonymous(&s);
	thp_split(slot_page(s.slot, HUGE), HUGE);
	expect_split(&s, "split_huge_pages", NOTIFY_CLEAR, NOTIFY_NONE);
	expect_same(&s);
}

/* A hole in a file: the huge page of the page cache is split as well. */
static void by_hole(void)
{
	struct stage s;

	set_up(&s, thp_alloc_shared(PAGES));
	require(!madvise(slot_page(s.slot, FIRST), COUNT * GUEST_PAGE, MADV_REMOVE), "MADV_REMOVE: %s",
		strerror(errno));
	expect_split(&s, "MADV_REMOVE", NOTIFY_CLEAR, NOTIFY_NONE);
	expect_zeros(&s, FIRST, COUNT);
}

/* The end of the file comes to lie inside the huge page; then the file is long again, and empty there. */
static void by_ftruncate(void)
{
	const char *what = "ftruncate";
	struct stage s;

	s.memory.fd = memfd_create("guest", MFD_CLOEXEC);
	require(s.memory.fd >= 0 && !ftruncate(s.memory.fd, PAGES * GUEST_PAGE), "memfd: %s",
		strerror(errno));
	set_up(&s, thp_map_file(s.memory.fd, PAGES));
	require(!ftruncate(s.memory.fd, FIRST * GUEST_PAGE), "ftruncate: %s", strerror(errno));
	expect_second_gone(&s, what, NOTIFY_CLEAR, NOTIFY_NONE);
	guest_reads_small(&s, what, HUGE, FIRST - HUGE);
	stage_expect_gone(&s, FIRST, PAGES - FIRST);
	expect_first_stays(&s, what);
	require(!ftruncate(s.memory.fd, PAGES * GUEST_PAGE), "ftruncate: %s", strerror(errno));
	witness_step(&s.witness, "the file is long again", &(struct step){ 0 });
	expect_zeros(&s, FIRST, PAGES - FIRST);
	stage_read(&s, "guest reads before the end that was", 0, FIRST, 1, 0);
}

static void by_mprotect_shared(void)
{
	struct stage s;

	set_up(&s, thp_alloc_shared(PAGES));
	require(!mprotect(slot_page(s.slot, FIRST), COUNT * GUEST_PAGE, PROT_READ), "mprotect: %s",
		strerror(errno));
	expect_split(&s, "mprotect", NOTIFY_CLEAR, NOTIFY_PROTECTION_VMA);
	stage_read(&s, "guest reads the part", FIRST, COUNT, 1, COUNT);
	guest_expect_efault(s.vcpu, s.slot, FIRST, COUNT, true);
	witness_step(&s.witness, "guest faults out", &(struct step){ 0 });
}

const struct test test = {
	.name = "split",
	.group = "thp",
	.proves = "no huge spte outlives what the host does to a part of the huge page, and no other goes",
	.needs = { .kvm = true, .memory_mib = 64, .files = { THP_KNOBS "enabled" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "mprotect", by_mprotect },
		{ "munmap", by_munmap },
		{ "dontneed", by_dontneed },
		{ "free", by_free },
		{ "cold", by_cold },
		{ "mlock", by_mlock },
		{ "split_huge_pages", by_debugfs, { .files = { THP_SPLIT } } },
		{ "hole-shared", by_hole, { .files = { THP_KNOBS "shmem_enabled" } } },
		{ "ftruncate-shared", by_ftruncate, { .files = { THP_KNOBS "shmem_enabled" } } },
		{ "mprotect-shared", by_mprotect_shared, { .files = { THP_KNOBS "shmem_enabled" } } },
	},
};
