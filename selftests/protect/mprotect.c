// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host takes rights away with mprotect(). The guest loses them at once, although it had them in
 * its sptes, keeps the data, and has the rights again when the host gives them back.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

#define ROUNDS 10
#define REFUSAL "a refusal of the host, which tells little of KVM"

/*
 * zapped: pages of it that had an spte. A page that somebody else holds, as a per-CPU batch does, may
 * be copied when the guest writes it again (wp_page_copy(), always so before 5.19): none is left there.
 */
static void protect(struct stage *s, const char *what, int rights, size_t first, size_t count,
		    size_t zapped)
{
	void *start = slot_page(s->slot, first);

	lru_drain();
	require(!mprotect(start, count * GUEST_PAGE, rights), "mprotect: %s", strerror(errno));
	witness_step(&s->witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = start, .pages = count, .zapped = zapped,
	});
}

static void expect_no_access(struct stage *s, size_t first, size_t count, bool write)
{
	guest_expect_efault(s->vcpu, s->slot, first, count, write);
	witness_step(&s->witness, "access without the right", &(struct step){ 0 });
}

static void write_again(struct stage *s, size_t first, size_t count)
{
	require(!guest_fill(s->vcpu, s->slot, first, count, 2), "the guest cannot write again");
	witness_step(&s->witness, "guest writes again", &(struct step){ .faulted = count });
	sptes_expect(s->slot, first, count, SPTES_WRITABLE, "guest writes again");
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 2), first, count);
}

static void read_only(void)
{
	const size_t pages = backing()->pages;
	struct stage s;

	stage_set(&s, pages);
	protect(&s, "mprotect to read-only", PROT_READ, 0, pages, pages);
	expect_no_access(&s, 0, pages, true);
	stage_read(&s, "guest reads read-only pages", 0, pages, 1, pages);
	sptes_expect(s.slot, 0, pages, SPTES_READ_ONLY, "guest reads read-only pages");
	expect_no_access(&s, 0, pages, true);
	stage_read(&s, "guest reads them again", 0, pages, 1, 0);
	protect(&s, "mprotect back", PROT_READ | PROT_WRITE, 0, pages, pages);
	write_again(&s, 0, pages);
}

static void none(void)
{
	const size_t pages = backing()->pages;
	struct stage s;

	stage_set(&s, pages);
	protect(&s, "mprotect to none", PROT_NONE, 0, pages, pages);
	expect_no_access(&s, 0, pages, false);
	expect_no_access(&s, 0, pages, true);
	protect(&s, "mprotect back", PROT_READ | PROT_WRITE, 0, pages, 0);
	stage_read(&s, "guest reads what it wrote", 0, pages, 1, pages);
}

static void part(void)
{
	const size_t first = backing()->middle, count = backing()->part, end = first + count;
	const size_t pages = backing()->pages;
	struct stage s;

	stage_set(&s, pages);
	protect(&s, "mprotect of a part", PROT_READ, first, count, count);
	expect_no_access(&s, first, count, true);
	stage_read(&s, "guest reads before the part", 0, first, 1, 0);
	stage_read(&s, "guest reads the part", first, count, 1, count);
	sptes_expect(s.slot, first, count, SPTES_READ_ONLY, "guest reads the part");
	sptes_expect(s.slot, 0, first, SPTES_WRITABLE, "beside the part");
	stage_read(&s, "guest reads behind the part", end, pages - end, 1, 0);
	guest_fill(s.vcpu, s.slot, 0, first, 2);
	guest_fill(s.vcpu, s.slot, end, pages - end, 2);
	witness_step(&s.witness, "guest writes beside the part", &(struct step){ 0 });
	protect(&s, "mprotect back", PROT_READ | PROT_WRITE, first, count, count);
	write_again(&s, first, count);
	stage_read(&s, "guest reads all", 0, pages, 2, 0);
}

/* A hugetlb page cannot be of two kinds: the host is refused, and the guest keeps its rights. */
static void half_a_page(void)
{
	const size_t large = backing()->granule, pages = backing()->pages;
	struct stage s;

	stage_set(&s, pages);
	expect(mprotect(slot_page(s.slot, large), large / 2 * GUEST_PAGE, PROT_READ) && errno == EINVAL,
	       "mprotect of a half of a hugetlb page was not refused");
	witness_step(&s.witness, "mprotect of a half", &(struct step){ 0 });
	stage_write(&s, "guest writes all", 0, pages, 2, 0);
	stage_read(&s, "guest reads all", 0, pages, 2, 0);
}

/* The right is the mapping's, not the file's: the guest, which may only read, sees what others write. */
static void written_elsewhere(void)
{
	const size_t pages = backing()->pages;
	struct stage s;
	void *other;

	stage_set(&s, pages);
	other = backing_map(&s.memory);
	protect(&s, "mprotect to read-only", PROT_READ, 0, pages, pages);
	stage_read(&s, "guest reads read-only pages", 0, pages, 1, pages);
	memory_fill(other, memory_key(s.slot->tag, 2), 0, pages);
	witness_step(&s.witness, "host writes to another mapping", &(struct step){ 0 });
	stage_read(&s, "guest reads what was written there", 0, pages, 2, 0);
	sptes_expect(s.slot, 0, pages, SPTES_READ_ONLY, "guest reads what was written there");
	expect_no_access(&s, 0, pages, true);
}

/*
 * The vCPU writes all the time and does not leave guest mode by itself. When mprotect() is back, the
 * memory must stand still: no TLB may hold the right any more.
 */
static void while_written(void)
{
	const size_t pages = backing()->pages, size = pages * GUEST_PAGE;
	void *before = memory_alloc(pages);
	struct stage s;
	int round;

	stage_set(&s, pages);
	for (round = 0; round < ROUNDS; round++) {
		guest_spin_write_start(s.vcpu, s.slot, 0, pages, 0);
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		mprotect(s.slot->hva, size, PROT_READ);
		memcpy(before, s.slot->hva, size);
		require(guest_spin_faults(s.vcpu), "the guest was not stopped from writing");
		expect(!memcmp(before, s.slot->hva, size),
		       "the guest wrote after mprotect had returned, in round %d", round);
		lru_drain();
		mprotect(s.slot->hva, size, PROT_READ | PROT_WRITE);
	}
	witness_step(&s.witness, "mprotect under a writing guest", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = s.slot->hva, .pages = pages, .racing = true,
	});
}

const struct test test = {
	.name = "mprotect",
	.group = "protect",
	.proves = "a guest loses a right with the host's mprotect and has it again with the next",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISK_FILE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "read-only", read_only, .backings = BACKING_ANON | BACKING_MEMFD,
		  .full_backings = BACKING_HUGETLB | BACKINGS_FURTHER },
		{ "none", none, .backings = BACKING_ANON, .full_backings = BACKINGS_ALL & ~BACKING_ANON },
		{ "part", part, .backings = BACKING_ANON | BACKING_HUGETLB,
		  .full_backings = BACKING_MEMFD | BACKINGS_FURTHER },
		{ "half-a-page", half_a_page, .full = REFUSAL, .backings = BACKING_HUGETLB },
		{ "written-elsewhere", written_elsewhere, .backings = BACKING_MEMFD,
		  .full_backings = BACKINGS_SHARED & ~BACKING_MEMFD },
		{ "while-written", while_written, { .cpus = 2 }, .backings = BACKING_ANON,
		  .full_backings = BACKINGS_ALL & ~BACKING_ANON },
	},
};
