// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host takes rights away with mprotect(). The guest loses them at once, although it had them in
 * its sptes, keeps the data, and has the rights again when the host gives them back.
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
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define MIDDLE 24
#define PART 17
#define ROUNDS 10

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
	struct stage s;

	stage_set(&s, PAGES);
	protect(&s, "mprotect to read-only", PROT_READ, 0, PAGES, PAGES);
	expect_no_access(&s, 0, PAGES, true);
	stage_read(&s, "guest reads read-only pages", 0, PAGES, 1, PAGES);
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "guest reads read-only pages");
	expect_no_access(&s, 0, PAGES, true);
	stage_read(&s, "guest reads them again", 0, PAGES, 1, 0);
	protect(&s, "mprotect back", PROT_READ | PROT_WRITE, 0, PAGES, PAGES);
	write_again(&s, 0, PAGES);
}

static void none(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	protect(&s, "mprotect to none", PROT_NONE, 0, PAGES, PAGES);
	expect_no_access(&s, 0, PAGES, false);
	expect_no_access(&s, 0, PAGES, true);
	protect(&s, "mprotect back", PROT_READ | PROT_WRITE, 0, PAGES, 0);
	stage_read(&s, "guest reads what it wrote", 0, PAGES, 1, PAGES);
}

static void part(void)
{
	struct stage s;

	stage_set(&s, PAGES);
	protect(&s, "mprotect of a part", PROT_READ, MIDDLE, PART, PART);
	expect_no_access(&s, MIDDLE, PART, true);
	stage_read(&s, "guest reads before the part", 0, MIDDLE, 1, 0);
	stage_read(&s, "guest reads the part", MIDDLE, PART, 1, PART);
	sptes_expect(s.slot, MIDDLE, PART, SPTES_READ_ONLY, "guest reads the part");
	sptes_expect(s.slot, 0, MIDDLE, SPTES_WRITABLE, "beside the part");
	stage_read(&s, "guest reads behind the part", MIDDLE + PART, PAGES - MIDDLE - PART, 1, 0);
	guest_fill(s.vcpu, s.slot, 0, MIDDLE, 2);
	guest_fill(s.vcpu, s.slot, MIDDLE + PART, PAGES - MIDDLE - PART, 2);
	witness_step(&s.witness, "guest writes beside the part", &(struct step){ 0 });
	protect(&s, "mprotect back", PROT_READ | PROT_WRITE, MIDDLE, PART, PART);
	write_again(&s, MIDDLE, PART);
	stage_read(&s, "guest reads all", 0, PAGES, 2, 0);
}

/*
 * The vCPU writes all the time and does not leave guest mode by itself. When mprotect() is back, the
 * memory must stand still: no TLB may hold the right any more.
 */
static void while_written(void)
{
	static char before[PAGES][GUEST_PAGE];
	struct stage s;
	int round;

	stage_set(&s, PAGES);
	for (round = 0; round < ROUNDS; round++) {
		guest_spin_write_start(s.vcpu, s.slot, 0, PAGES, 0);
		require(guest_spin_wait(s.vcpu), "the guest stands still in round %d", round);
		mprotect(s.slot->hva, sizeof(before), PROT_READ);
		memcpy(before, s.slot->hva, sizeof(before));
		require(guest_spin_faults(s.vcpu), "the guest was not stopped from writing");
		expect(!memcmp(before, s.slot->hva, sizeof(before)),
		       "the guest wrote after mprotect had returned, in round %d", round);
		lru_drain();
		mprotect(s.slot->hva, sizeof(before), PROT_READ | PROT_WRITE);
	}
	witness_step(&s.witness, "mprotect under a writing guest", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = s.slot->hva, .pages = PAGES, .racing = true,
	});
}

const struct test test = {
	.name = "mprotect",
	.group = "protect",
	.proves = "a guest loses a right with the host's mprotect and has it again with the next",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "read-only", read_only },
		{ "none", none },
		{ "part", part },
		{ "while-written", while_written, { .cpus = 2 } },
	},
};
