// SPDX-License-Identifier: GPL-2.0-only
/*
 * A memslot that the guest may only read (KVM_MEM_READONLY), over memory that its owner writes. What the
 * guest writes there is told to the VMM and goes nowhere; what the owner writes the guest reads at once.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/witness.h"

#define BACKINGS (BACKING_ANON | BACKING_MEMFD | BACKING_HUGETLB)

static struct stage s;

/* The flag cannot be changed of a memslot that is there (__kvm_set_memory_region()). */
static void make_read_only(struct memslot *slot)
{
	struct memslot gone = *slot;

	gone.pages = 0;
	memslot_set_flags(&gone, 0);
	memslot_set_flags(slot, KVM_MEM_READONLY);
}

static void set_up(void)
{
	const size_t pages = backing()->pages;

	backing_alloc(&s.memory, pages);
	vm_create(&s.vm, 1);
	if (ioctl(s.vm.kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_READONLY_MEM) <= 0)
		skip_case("no KVM_CAP_READONLY_MEM");
	s.vcpu = &s.vm.vcpu[0];
	s.slot = vm_add_memslot(&s.vm, s.memory.hva, pages);
	memory_fill(s.memory.hva, memory_key(s.slot->tag, 1), 0, pages);
	make_read_only(s.slot);
	/* A memslot that goes may take all sptes of the VM with it: the test guest's own come back here. */
	guest_fill(s.vcpu, s.slot, 0, 0, 0);
	witness_open(&s.witness, &s.vm);
}

/* The vCPU leaves guest mode for each of the writes, with its address. */
static void expect_mmio(const char *what, size_t first, size_t count)
{
	const struct kvm_run *run = s.vcpu->run;

	for (size_t page = first; page < first + count; page++) {
		expect(guest_write(s.vcpu, s.slot, page, 0xbad) == -EREMOTE,
		       "%s: the guest's write to page %zu does not get to the VMM", what, page);
		expect(run->mmio.is_write && run->mmio.phys_addr == s.slot->gpa + page * GUEST_PAGE &&
		       run->mmio.len == 8 && *(const uint64_t *)run->mmio.data == 0xbad,
		       "%s: the write to page %zu is told as one of %u bytes at %#llx", what, page,
		       run->mmio.len, run->mmio.phys_addr);
	}
	witness_step(&s.witness, what, &(struct step){ 0 });
}

static void read_all(const char *what, size_t faulted)
{
	stage_read(&s, what, 0, s.slot->pages, 1, faulted);
	sptes_expect(s.slot, 0, s.slot->pages, SPTES_READ_ONLY, what);
}

static void guest_writes(void)
{
	const size_t first = backing()->middle, count = backing()->part;

	set_up();
	expect_mmio("guest writes what it never read", first, 4);
	sptes_expect(s.slot, 0, s.slot->pages, SPTES_NONE, "guest writes what it never read");
	read_all("guest reads", s.slot->pages);
	expect_mmio("guest writes what it reads", first, 4);
	read_all("guest reads again", 0);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), first, count);
	witness_step(&s.witness, "owner writes", &(struct step){ 0 });
	stage_read(&s, "guest reads what the owner wrote", first, count, 2, 0);
}

/* The host takes pages away: the guest may read what comes in their place, and no more than that. */
static void replaced(void)
{
	const size_t first = backing()->middle, count = backing()->part;
	void *part;

	set_up();
	part = slot_page(s.slot, first);
	read_all("guest reads", s.slot->pages);
	require(!mprotect(part, count * GUEST_PAGE, PROT_NONE), "mprotect: %s", strerror(errno));
	witness_step(&s.witness, "mprotect of a part to none", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = part, .pages = count, .zapped = count,
	});
	guest_expect_efault(s.vcpu, s.slot, first, count, false);
	require(!mprotect(part, count * GUEST_PAGE, PROT_READ | PROT_WRITE), "mprotect: %s",
		strerror(errno));
	witness_step(&s.witness, "mprotect back", &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = part, .pages = count,
	});
	lru_drain();
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), first, count);
	stage_read(&s, "guest reads what the owner wrote", first, count, 2, count);
	sptes_expect(s.slot, 0, s.slot->pages, SPTES_READ_ONLY, "guest reads what the owner wrote");
	expect_mmio("guest writes it", first, 4);
}

const struct test test = {
	.name = "readonly-slot",
	.group = "protect",
	.proves = "a guest never writes a read-only memslot, and reads what its owner writes there",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "guest-writes", guest_writes, .backings = BACKINGS },
		{ "replaced", replaced, .backings = BACKINGS },
	},
};
