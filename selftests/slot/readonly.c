// SPDX-License-Identifier: GPL-2.0-only
/*
 * A read-only memslot: the guest reads by read-only sptes, its writes leave KVM as MMIO and
 * change nothing. What the host writes there the guest sees at once.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define FIRST 24
#define COUNT 17

struct stage {
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot, *alias;	/* the same memory: read-only, and writable */
	struct witness witness;
};

/* A memslot that is there cannot become read-only: deleted, and made anew. */
static void make_readonly(struct memslot *slot)
{
	const size_t pages = slot->pages;

	slot->pages = 0;
	memslot_set_flags(slot, 0);
	slot->pages = pages;
	memslot_set_flags(slot, KVM_MEM_READONLY);
}

static void set_up(struct stage *s)
{
	uint64_t value;

	vm_create(&s->vm, 1);
	if (ioctl(s->vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_READONLY_MEM) <= 0)
		skip_case("KVM without read-only memslots");
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory_alloc(PAGES), PAGES);
	make_readonly(s->slot);
	s->alias = vm_add_memslot(&s->vm, s->slot->hva, PAGES);
	s->alias->tag = s->slot->tag;
	/* What deleting took of the guest's own code is not to be counted. */
	guest_read(s->vcpu, s->alias, PAGES - 1, &value);
	require(!madvise(s->slot->hva, PAGES * GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	witness_open(&s->witness, &s->vm);
}

/* No write gets through, and nothing about the sptes changes. */
static void expect_no_write(struct stage *s, size_t first, size_t count)
{
	size_t page, through = 0;

	for (page = first; page < first + count; page++)
		through += guest_write(s->vcpu, s->slot, page, 0xbad) != -EREMOTE;
	expect(!through, "guest writes %zu of %zu pages of a read-only memslot", through, count);
	witness_step(&s->witness, "guest tries to write", &(struct step){ .racing = true });
	sptes_expect(s->slot, first, count, SPTES_READ_ONLY, "guest tries to write");
}

static void written_by_others(void)
{
	struct stage s;

	set_up(&s);
	guest_fill(s.vcpu, s.alias, 0, PAGES, 1);
	witness_step(&s.witness, "guest writes the other memslot", &(struct step){ .faulted = PAGES });
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	witness_step(&s.witness, "guest reads the read-only one", &(struct step){ .faulted = PAGES });
	sptes_expect(s.slot, 0, PAGES, SPTES_READ_ONLY, "guest reads the read-only one");
	sptes_expect(s.alias, 0, PAGES, SPTES_WRITABLE, "the writable one beside it");
	expect_no_write(&s, FIRST, COUNT);
	guest_check(s.vcpu, s.alias, 0, PAGES, 1);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), FIRST, COUNT);
	guest_check(s.vcpu, s.slot, FIRST, COUNT, 2);
	witness_step(&s.witness, "guest reads what the host wrote", &(struct step){ 0 });
}

static void zapped(void)
{
	void *start;
	struct stage s;

	set_up(&s);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
	guest_check(s.vcpu, s.slot, 0, PAGES, 1);
	witness_step(&s.witness, "guest reads", &(struct step){ .faulted = PAGES });
	start = slot_page(s.slot, FIRST);
	require(!munmap(start, COUNT * GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap", &(struct step){
		.event = NOTIFY_UNMAP, .hva = start, .pages = COUNT, .zapped = COUNT,
	});
	guest_expect_efault(s.vcpu, s.slot, FIRST, COUNT, false);
	guest_check(s.vcpu, s.slot, 0, FIRST, 1);
	guest_check(s.vcpu, s.slot, FIRST + COUNT, PAGES - FIRST - COUNT, 1);
	witness_step(&s.witness, "guest reads what stayed", &(struct step){ 0 });
}

/* Nobody has written it: the guest has the page of zeros, until the host writes. */
static void untouched(void)
{
	uint64_t value;
	struct stage s;

	set_up(&s);
	for (size_t page = 0; page < PAGES; page++) {
		require(!guest_read(s.vcpu, s.slot, page, &value), "the guest cannot read");
		expect(!value, "guest reads %#lx of fresh memory", value);
	}
	witness_step(&s.witness, "guest reads zeros", &(struct step){ .faulted = PAGES });
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), FIRST, COUNT);
	witness_step(&s.witness, "host writes", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, FIRST), .pages = COUNT, .zapped = COUNT,
	});
	guest_check(s.vcpu, s.slot, FIRST, COUNT, 1);
	witness_step(&s.witness, "guest reads what the host wrote", &(struct step){ .faulted = COUNT });
	expect_no_write(&s, FIRST, COUNT);
}

const struct test test = {
	.name = "readonly",
	.group = "slot",
	.proves = "a read-only memslot has read-only sptes, current content, and no write gets through",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "written-by-others", written_by_others },
		{ "zapped", zapped },
		{ "untouched", untouched },
	},
};
