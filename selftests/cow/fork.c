// SPDX-License-Identifier: GPL-2.0-only
/*
 * The owner of a guest forks. From then on parent and child have the same pages, which no spte may map
 * writable; who writes, be it guest, owner or child, gets a copy, and nobody else sees it.
 */
#include <string.h>

#include "lib/check.h"
#include "lib/child.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define WRITTEN 24	/* a part, neither at an end nor aligned to the 8-page prefetch window */
#define WRITES 17
#define BEHIND (WRITTEN + WRITES)

static void set_up(struct stage *s)
{
	stage_set(s, PAGES);
	sptes_expect(s->slot, 0, PAGES, SPTES_WRITABLE, "guest writes");
}

static void fork_owner(struct stage *s)
{
	child_fork(s->slot);
	child_step(&s->witness, "fork", &(struct step){
		.event = NOTIFY_PROTECTION_PAGE, .hva = s->slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	child_expect_own("fork", 0, 0);
}

static void guest_reads(struct stage *s, const char *what, size_t faulted)
{
	guest_check(s->vcpu, s->slot, 0, PAGES, 1);
	child_step(&s->witness, what, &(struct step){ .faulted = faulted });
}

static void set_up_forked(struct stage *s)
{
	set_up(s);
	fork_owner(s);
	guest_reads(s, "guest reads after the fork", PAGES);
	sptes_expect(s->slot, 0, PAGES, SPTES_READ_ONLY, "guest reads after the fork");
}

/* A write to pages that the child has, too: zapped of them had a read-only spte. */
static void guest_copies(struct stage *s, const char *what, unsigned int version, size_t zapped)
{
	require(!guest_fill(s->vcpu, s->slot, WRITTEN, WRITES, version), "the guest cannot write");
	child_step(&s->witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s->slot, WRITTEN), .pages = WRITES,
		.zapped = zapped, .faulted = WRITES,
	});
	sptes_expect(s->slot, WRITTEN, WRITES, SPTES_WRITABLE, what);
}

static void guest_writes(void)
{
	struct stage s;

	set_up_forked(&s);
	guest_copies(&s, "guest writes shared pages", 2, WRITES);
	sptes_expect(s.slot, 0, WRITTEN, SPTES_READ_ONLY, "before the written pages");
	sptes_expect(s.slot, BEHIND, PAGES - BEHIND, SPTES_READ_ONLY, "behind the written pages");
	child_expect_own("guest writes shared pages", WRITTEN, WRITES);
	child_expect_versions(s.vcpu, WRITTEN, WRITES, 2, 1);
	child_step(&s.witness, "all read", &(struct step){ 0 });
}

/* The guest has no spte there since the fork: its first access is the write. */
static void guest_writes_first(void)
{
	struct stage s;

	set_up(&s);
	fork_owner(&s);
	guest_copies(&s, "guest writes without reading", 2, 0);
	child_expect_own("guest writes without reading", WRITTEN, WRITES);
	child_expect_versions(s.vcpu, WRITTEN, WRITES, 2, 1);
	child_step(&s.witness, "all read", &(struct step){ .faulted = PAGES - WRITES });
}

static void owner_writes(void)
{
	struct stage s;

	set_up_forked(&s);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), WRITTEN, WRITES);
	child_step(&s.witness, "owner writes shared pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, WRITTEN), .pages = WRITES,
		.zapped = WRITES,
	});
	child_expect_own("owner writes shared pages", WRITTEN, WRITES);
	child_expect_versions(s.vcpu, WRITTEN, WRITES, 2, 1);
	child_step(&s.witness, "guest reads the owner's pages", &(struct step){ .faulted = WRITES });
	sptes_expect(s.slot, WRITTEN, WRITES, SPTES_WRITABLE, "guest reads the owner's pages");
}

/* The child's faults are no affair of the parent's sptes, and its copies leave the pages to the guest. */
static void child_writes(void)
{
	struct stage s;

	set_up_forked(&s);
	child_fill(WRITTEN, WRITES, 2);
	child_step(&s.witness, "child writes shared pages", &(struct step){ 0 });
	child_expect_own("child writes shared pages", WRITTEN, WRITES);
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "child writes shared pages");
	child_expect_versions(s.vcpu, WRITTEN, WRITES, 1, 2);
	lru_drain();
	guest_fill(s.vcpu, s.slot, WRITTEN, WRITES, 3);
	child_step(&s.witness, "guest writes pages that it alone has", &(struct step){
		.upgraded = WRITES,
	});
	sptes_expect(s.slot, WRITTEN, WRITES, SPTES_WRITABLE, "guest writes pages that it alone has");
	child_expect_versions(s.vcpu, WRITTEN, WRITES, 3, 2);
	child_step(&s.witness, "all read", &(struct step){ 0 });
}

/* Once nobody else has the pages, they are the guest's to write, in place. */
static void expect_alone(struct stage *s, size_t first, size_t count)
{
	sptes_expect(s->slot, 0, PAGES, SPTES_READ_ONLY, "the child let go");
	guest_reads(s, "guest reads what the child let go", 0);
	lru_drain();
	guest_fill(s->vcpu, s->slot, first, count, 2);
	child_step(&s->witness, "guest writes what the child let go", &(struct step){
		.upgraded = count,
	});
	sptes_expect(s->slot, first, count, SPTES_WRITABLE, "guest writes what the child let go");
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, 2), first, count);
}

static void child_unmaps(void)
{
	struct stage s;

	set_up_forked(&s);
	child_unmap(WRITTEN, WRITES);
	child_step(&s.witness, "munmap in the child", &(struct step){ 0 });
	expect_alone(&s, WRITTEN, WRITES);
	child_check(0, WRITTEN, 1);
	child_check(BEHIND, PAGES - BEHIND, 1);
}

static void child_exits(void)
{
	struct stage s;

	set_up_forked(&s);
	child_end();
	child_step(&s.witness, "exit of the child", &(struct step){ 0 });
	expect_alone(&s, 0, PAGES);
}

const struct test test = {
	.name = "fork",
	.group = "cow",
	.proves = "after a fork who writes has a page of its own, and no spte lets the guest write another's",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "guest-writes", guest_writes },
		{ "guest-writes-first", guest_writes_first },
		{ "owner-writes", owner_writes },
		{ "child-writes", child_writes },
		{ "child-unmaps", child_unmaps },
		{ "child-exits", child_exits },
	},
};
