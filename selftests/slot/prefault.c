// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that KVM was told to map before the guest touched it: its sptes are as all others,
 * coherent, and gone with what the host takes.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pre-fault.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define FIRST 24
#define COUNT 16	/* whole 8-page windows, which some MMUs map at once */

/* The host has written all pages, the guest knows none of them. */
static void set_up(struct stage *s)
{
	const char *why;

	stage_make(s, memory_alloc(PAGES), PAGES);
	if (!pre_fault_possible(s->vcpu, &why))
		skip_case("%s", why);
	memory_fill(s->slot->hva, memory_key(s->slot->tag, 1), 0, PAGES);
	witness_open(&s->witness, &s->vm);
}

/*
 * Whether pf_fixed counts what no vCPU faulted for differs between kernels; how many leaf sptes
 * there are does not.
 */
static void step_ahead(struct stage *s, const char *what, uint64_t before, size_t count)
{
	uint64_t now;

	if (vm_stat(&s->vm, "pages_4k", &now))
		expect(now - before == count, "%s: %lu sptes more, expected %zu", what, now - before,
		       count);
	witness_step(&s->witness, what, &(struct step){ .racing = true });
	sptes_check(&s->vm, what, true);
}

static uint64_t count_now(const struct stage *s)
{
	uint64_t now = 0;

	vm_stat(&s->vm, "pages_4k", &now);
	return now;
}

static void map_ahead(struct stage *s, size_t first, size_t count)
{
	uint64_t before = count_now(s);
	size_t mapped;
	int err = pre_fault(s->vcpu, s->slot, first, count, &mapped);

	require(!err && mapped == count, "KVM_PRE_FAULT_MEMORY of %zu pages: %zu done, %s", count,
		mapped, strerror(-err));
	step_ahead(s, "KVM maps pages ahead", before, count);
	sptes_expect(s->slot, first, count, SPTES_MAPPED, "KVM maps pages ahead");
}

static void part(void)
{
	struct stage s;

	set_up(&s);
	map_ahead(&s, FIRST, COUNT);
	sptes_expect(s.slot, 0, FIRST, SPTES_NONE, "before those");
	sptes_expect(s.slot, FIRST + COUNT, PAGES - FIRST - COUNT, SPTES_NONE, "behind those");
	guest_check(s.vcpu, s.slot, FIRST, COUNT, 1);
	witness_step(&s.witness, "guest reads without a fault", &(struct step){ 0 });
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	witness_step(&s.witness, "guest reads the rest", &(struct step){ .faulted = PAGES - COUNT });
}

static void zapped(void)
{
	struct stage s;
	void *start;

	set_up(&s);
	map_ahead(&s, 0, PAGES);
	start = slot_page(s.slot, FIRST);
	require(!madvise(start, COUNT * GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	witness_step(&s.witness, "MADV_DONTNEED", &(struct step){
		.event = NOTIFY_CLEAR, .hva = start, .pages = COUNT, .zapped = COUNT,
	});
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), FIRST, COUNT);
	map_ahead(&s, FIRST, COUNT);
	guest_check(s.vcpu, s.slot, FIRST, COUNT, 2);
	guest_check(s.vcpu, s.slot, 0, FIRST, 1);
	witness_step(&s.witness, "guest reads without a fault", &(struct step){ 0 });
}

/* It stops where the host has nothing, and has mapped what is before. */
static void up_to_a_hole(void)
{
	uint64_t before;
	size_t mapped;
	struct stage s;
	int err;

	set_up(&s);
	require(!munmap(slot_page(s.slot, FIRST), COUNT * GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap", &(struct step){
		.event = NOTIFY_UNMAP, .hva = slot_page(s.slot, FIRST), .pages = COUNT,
	});
	before = count_now(&s);
	err = pre_fault(s.vcpu, s.slot, 0, PAGES, &mapped);
	expect(err == -EFAULT && mapped == FIRST, "KVM_PRE_FAULT_MEMORY over a hole: %zu pages, %s",
	       mapped, strerror(-err));
	step_ahead(&s, "KVM maps pages up to the hole", before, FIRST);
	sptes_expect(s.slot, 0, FIRST, SPTES_MAPPED, "up to the hole");
	sptes_expect(s.slot, FIRST, PAGES - FIRST, SPTES_NONE, "from the hole on");
}

const struct test test = {
	.name = "prefault",
	.group = "slot",
	.proves = "sptes that KVM made ahead of the guest are coherent, and zapped as all others",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "part", part },
		{ "zapped", zapped },
		{ "up-to-a-hole", up_to_a_hole },
	},
};
