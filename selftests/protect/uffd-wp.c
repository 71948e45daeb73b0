// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host protects a guest's memory from writes with userfaultfd, as for a snapshot of the running guest.
 * Each page stays as it was until its first write was seen and let through, be it the guest's or the
 * owner's; nothing is written past the protection, and nothing is lost.
 */
#include <string.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/uffd.h"
#include "lib/witness.h"

#define PAGES 64	/* of while-written */
#define ROUNDS 5
#define BACKINGS (BACKING_ANON | BACKING_MEMFD | BACKING_HUGETLB)

static struct stage s;
static struct uffd_handler handler;
static int uffd;

/*
 * Pages that somebody else holds are copied when they are written again (before 5.19): a batch does, and
 * KVM puts those into one whose sptes it has just lost.
 */
static void protect(const char *what, size_t first, size_t count, size_t zapped)
{
	lru_drain();
	uffd_protect(uffd, slot_page(s.slot, first), count);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = slot_page(s.slot, first), .pages = count,
		.zapped = zapped,
	});
	lru_drain();
}

static void set_up(void)
{
	uffd = uffd_open(backing()->shared ? UFFD_FEATURE_WP_HUGETLBFS_SHMEM :
			 UFFD_FEATURE_PAGEFAULT_FLAG_WP);
	stage_set(&s, backing()->pages);
	uffd_register_wp(uffd, s.slot->hva, s.slot->pages);
	witness_step(&s.witness, "registered", &(struct step){ 0 });
}

static void set_up_protected(void)
{
	set_up();
	protect("write protection", 0, s.slot->pages, s.slot->pages);
	stage_read(&s, "all read protected pages", 0, s.slot->pages, 1, s.slot->pages);
	sptes_expect(s.slot, 0, s.slot->pages, SPTES_READ_ONLY, "all read protected pages");
}

/* Whoever writes the page has not got through yet. */
static void expect_unwritten(void *page)
{
	size_t first = ((char *)page - s.slot->hva) / GUEST_PAGE;

	memory_check("handler", s.slot->hva, memory_key(s.slot->tag, 1), first, backing()->granule);
}

/* Each granule of the part was held up once, and no other page. */
static void expect_held(const char *what)
{
	const size_t granule = backing()->granule, expected = backing()->part / granule;

	expect(handler.count == expected, "%s: %zu writes were held up, expected %zu", what,
	       handler.count, expected);
	for (size_t i = 0; i < handler.count && i < expected; i++)
		expect(handler.page[i] == slot_page(s.slot, backing()->middle + i * granule),
		       "%s: write %zu was held up at %p, not at %p", what, i, handler.page[i],
		       slot_page(s.slot, backing()->middle + i * granule));
}

static void expect_versions(size_t faulted)
{
	const size_t end = backing()->middle + backing()->part;

	stage_read(&s, "all read before the part", 0, backing()->middle, 1, 0);
	stage_read(&s, "all read the part", backing()->middle, backing()->part, 2, faulted);
	stage_read(&s, "all read behind the part", end, s.slot->pages - end, 1, 0);
}

static void expect_rights(const char *what)
{
	const size_t first = backing()->middle, end = first + backing()->part;

	sptes_expect(s.slot, 0, first, SPTES_READ_ONLY, what);
	sptes_expect(s.slot, first, backing()->part, SPTES_WRITABLE, what);
	sptes_expect(s.slot, end, s.slot->pages - end, SPTES_READ_ONLY, what);
}

static void guest_writes(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	const char *what = "guest writes protected pages";

	set_up_protected();
	uffd_handler_start(&handler, uffd, backing()->granule, expect_unwritten);
	require(!guest_fill(s.vcpu, s.slot, first, count, 2), "the guest cannot write");
	uffd_handler_stop(&handler);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = slot_page(s.slot, first), .pages = count,
		.zapped = count, .faulted = count,
	});
	expect_held(what);
	expect_versions(0);
	expect_rights(what);
}

static void owner_writes(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	const char *what = "owner writes protected pages";

	set_up_protected();
	uffd_handler_start(&handler, uffd, backing()->granule, expect_unwritten);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), first, count);
	uffd_handler_stop(&handler);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = slot_page(s.slot, first), .pages = count,
		.zapped = count,
	});
	expect_held(what);
	expect_versions(count);
	expect_rights(what);
}

/* A part that was let go of holds nobody up; when it is protected again, exactly its pages do. */
static void part(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	const char *what = "guest writes all";

	set_up();
	protect("write protection of a part", first, count, count);
	uffd_unprotect(uffd, slot_page(s.slot, first), count);
	witness_step(&s.witness, "the part is let go of", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = slot_page(s.slot, first), .pages = count,
	});
	stage_write(&s, "guest writes the part", first, count, 1, count);
	sptes_expect(s.slot, 0, s.slot->pages, SPTES_WRITABLE, "guest writes the part");
	protect("write protection of the part again", first, count, count);
	stage_read_others(&s, first, count);
	uffd_handler_start(&handler, uffd, backing()->granule, expect_unwritten);
	require(!guest_fill(s.vcpu, s.slot, 0, s.slot->pages, 2), "the guest cannot write");
	uffd_handler_stop(&handler);
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = slot_page(s.slot, first), .pages = count,
		.faulted = count,
	});
	expect_held(what);
	stage_read(&s, "all read all", 0, s.slot->pages, 2, 0);
}

/*
 * The vCPU writes all the time and does not leave guest mode by itself. When the protection is there, the
 * memory stands still until the write that is held up is let through.
 */
static void while_written(void)
{
	static char before[PAGES * GUEST_PAGE];
	int result;

	set_up();
	guest_spin_write_start(s.vcpu, s.slot, 0, PAGES, 0);
	for (int round = 0; round < ROUNDS; round++) {
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		uffd_protect(uffd, s.slot->hva, PAGES);
		memcpy(before, s.slot->hva, PAGES * GUEST_PAGE);
		uffd_wait(uffd);
		expect(!memcmp(before, s.slot->hva, PAGES * GUEST_PAGE),
		       "the guest wrote protected pages in round %d", round);
		uffd_unprotect(uffd, s.slot->hva, PAGES);
	}
	require(guest_spin_wait(s.vcpu), "the guest stands still at the end");
	guest_spin_stop(s.vcpu, &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	for (size_t page = 0; page < PAGES; page++)
		expect(*(uint64_t *)slot_page(s.slot, page) == guest_spin_written(s.vcpu),
		       "page %zu holds %lu, the guest wrote %lu last", page,
		       *(uint64_t *)slot_page(s.slot, page), guest_spin_written(s.vcpu));
	witness_step(&s.witness, "write protection under a writing guest", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .also = NOTIFY_CLEAR, .hva = s.slot->hva,
		.pages = PAGES, .racing = true,
	});
}

const struct test test = {
	.name = "uffd-wp",
	.group = "protect",
	.proves = "no write of a guest gets past userfaultfd's write protection, and none is lost",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "guest-writes", guest_writes, .backings = BACKINGS },
		{ "owner-writes", owner_writes, .backings = BACKINGS },
		{ "part", part, .backings = BACKINGS },
		{ "while-written", while_written, { .cpus = 2 } },
	},
};
