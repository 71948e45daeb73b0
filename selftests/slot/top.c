// SPDX-License-Identifier: GPL-2.0-only
/*
 * A memslot at the highest guest physical addresses that the machine has: as good as any other.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"
#include "lib/x86/high-memory.h"

#define PAGES 512	/* 2 MiB, the last ones */
#define FIRST 200
#define COUNT (PAGES - FIRST)

static void last_pages(void)
{
	struct witness witness;
	struct memslot *slot;
	struct vcpu *vcpu;
	struct vm vm;
	uint64_t end;
	void *start;

	vm_create(&vm, 1);
	vcpu = &vm.vcpu[0];
	end = high_memory_end(&vm);
	diag("guest physical addresses end at %#lx", end);
	high_memory_map(&vm, end - PAGES * GUEST_PAGE);
	slot = vm_add_memslot_at(&vm, 0, end - PAGES * GUEST_PAGE, memory_alloc(PAGES), PAGES);
	/* Maps the page tables that lead there. */
	guest_write(vcpu, slot, 0, 1);
	witness_open(&witness, &vm);
	guest_fill(vcpu, slot, 0, PAGES, 1);
	witness_step(&witness, "guest writes its last pages", &(struct step){ .faulted = PAGES - 1 });
	sptes_expect(slot, 0, PAGES, SPTES_WRITABLE, "guest writes its last pages");
	memory_check("host", slot->hva, memory_key(slot->tag, 1), 0, PAGES);

	start = slot_page(slot, FIRST);
	require(!madvise(start, COUNT * GUEST_PAGE, MADV_DONTNEED), "MADV_DONTNEED: %s",
		strerror(errno));
	witness_step(&witness, "MADV_DONTNEED up to the last page", &(struct step){
		.event = NOTIFY_CLEAR, .hva = start, .pages = COUNT, .zapped = COUNT,
	});
	memory_fill(slot->hva, memory_key(slot->tag, 2), FIRST, COUNT);
	guest_check(vcpu, slot, 0, FIRST, 1);
	guest_check(vcpu, slot, FIRST, COUNT, 2);
	witness_step(&witness, "guest reads all", &(struct step){ .faulted = COUNT });
}

const struct test test = {
	.name = "top",
	.group = "slot",
	.proves = "the highest gfns of a guest are mapped and zapped as all others",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "last-pages", last_pages },
	},
};
