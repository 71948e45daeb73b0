// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory cut into very many memslots, of one page each. One range of the host's is found in all
 * memslots that it concerns, and in no other.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/kvm-probe.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define MANY 400	/* KVM has 509 before 5.11 */

/* All of them as if they were one: only this file knows better. */
static struct memslot *add_memslots(struct vm *vm, size_t count)
{
	struct memslot *whole = &vm->slot[vm->slot_count++];

	*whole = (struct memslot){ .vm = vm, .id = vm->slot_count, .gpa = 256UL << 20,
				   .hva = memory_alloc(count), .pages = count, .tag = 1 };
	for (size_t i = 0; i < count; i++) {
		struct memslot one = *whole;

		one.id += i;
		one.gpa += i * GUEST_PAGE;
		one.hva = slot_page(whole, i);
		one.pages = 1;
		memslot_set_flags(&one, 0);
	}
	return whole;
}

static void run_with(struct vm *vm, size_t count)
{
	const size_t first = count / 3, lost = count / 3 + 1;
	struct vcpu *vcpu = &vm->vcpu[0];
	struct witness witness;
	struct memslot *slot = add_memslots(vm, count);

	witness_open(&witness, vm);
	guest_write_each(vcpu, slot, 0, count, 7);
	witness_step(&witness, "guest writes a page of each memslot", &(struct step){ .faulted = count });
	sptes_expect(slot, 0, count, SPTES_WRITABLE, "guest writes a page of each memslot");
	require(!madvise(slot_page(slot, first), lost * GUEST_PAGE, MADV_DONTNEED),
		"MADV_DONTNEED: %s", strerror(errno));
	witness_step(&witness, "MADV_DONTNEED of a third of them", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(slot, first), .pages = lost, .zapped = lost,
	});
	sptes_expect(slot, 0, first, SPTES_WRITABLE, "before what is lost");
	sptes_expect(slot, first + lost, count - first - lost, SPTES_WRITABLE, "behind what is lost");
	guest_write_each(vcpu, slot, first, lost, 9);
	witness_step(&witness, "guest writes those again", &(struct step){ .faulted = lost });
	for (size_t page = 0; page < count; page++)
		expect(*(uint64_t *)slot_page(slot, page) ==
		       (page < first || page >= first + lost ? 7 : 9), "page %zu holds %#lx", page,
		       *(uint64_t *)slot_page(slot, page));
}

static void hundreds(void)
{
	struct vm vm;

	vm_create(&vm, 1);
	run_with(&vm, MANY);
}

/*
 * Without the TDP MMU each memslot has five tables of a page (kvm_alloc_memslot_metadata() in arch/x86/kvm/x86.c), what
 * describes them, and the guest's page: 900 MiB were too little for 32764, in a machine with more in ZONE_MOVABLE, which
 * is of no use for tables.
 */
static void need_memory(size_t memslots)
{
	const uint64_t need_kib = memslots * 40;
	uint64_t free_kib;

	if (kvm_uses_tdp_mmu())
		return;
	free_kib = memory_available_kib();
	if (free_kib < need_kib)
		skip_case("%zu memslots without the TDP MMU take %lu MiB, of which %lu are available (--memory 2048)",
			  memslots, need_kib >> 10, free_kib >> 10);
}

static void all(void)
{
	struct vm vm;
	int most;

	vm_create(&vm, 1);
	most = ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS);
	require(most > 0, "KVM_CAP_NR_MEMSLOTS: %d", most);
	diag("memslots of a VM: %d", most);
	need_memory(most);
	/* The test guest itself has the first one, ids begin behind. */
	run_with(&vm, most - 2);
}

const struct test test = {
	.name = "number",
	.group = "slot",
	.proves = "a range is zapped in every memslot that it touches, however many there are",
	.needs = { .kvm = true, .memory_mib = 256 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "hundreds", hundreds },
		{ "all", all, .full = "makes as many memslots as KVM can have, one by one" },
	},
};
