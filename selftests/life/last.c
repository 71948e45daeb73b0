// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs of a process are closed one after the other. What happens to its memory is told to those that are
 * left, to each once. After the last of them the kernel goes on announcing it, as the mm's list of
 * notifiers is only freed with the mm (__mmu_notifier_subscriptions_destroy()), but nobody of KVM hears
 * it; a VM that is made then hears it again.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/kvm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/record.h"
#include "lib/test.h"
#include "lib/told.h"
#include "lib/witness.h"

#define VMS 3
#define PAGES 64

static struct vm vms[VMS];
static char *memory;
static size_t unmapped;
static struct witness witness;

static size_t count_kind(const struct event_list *list, enum event_kind kind, const char *page)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += list->event[i].kind == kind && list->event[i].notify == NOTIFY_UNMAP &&
			 list->event[i].start == (uintptr_t)page &&
			 list->event[i].end == (uintptr_t)page + GUEST_PAGE;
	return count;
}

/* Takes a page that no step has taken yet; so many VMs are told. Whether that was announced at all. */
static bool unmap_next(const char *what, size_t told)
{
	char *page = memory + unmapped * GUEST_PAGE;
	struct event_list list;
	size_t starts, ends;

	require(!munmap(page, GUEST_PAGE), "munmap: %s", strerror(errno));
	unmapped += 2;	/* as what is left between is a VMA of its own */
	list = events_read();
	record_mark(EVENT_STEP, what);
	starts = count_kind(&list, EVENT_START, page);
	ends = count_kind(&list, EVENT_END, page);
	expect(starts == ends && starts <= 1, "%s: announced %zu times, ended %zu times", what, starts,
	       ends);
	events_expect_told(&list, page, told, what);
	events_free(&list);
	return starts;
}

static struct memslot *add_vm(struct vm *vm)
{
	struct memslot *slot;

	vm_create(vm, 1);
	slot = vm_add_memslot(vm, memory, PAGES);
	slot->tag = 1;
	return slot;
}

static void closed(void)
{
	struct memslot *slot;
	bool announced;

	if (events_missing())
		skip_case("no events: %s", events_missing());
	memory = memory_alloc(PAGES);
	for (size_t i = 0; i < VMS; i++)
		slot = add_vm(&vms[i]);
	guest_fill(&vms[VMS - 1].vcpu[0], slot, 0, PAGES, 1);
	witness_open(&witness, &vms[0]);
	for (size_t left = VMS; left; left--) {
		expect(unmap_next("munmap beside VMs", left), "munmap beside VMs: was not announced");
		vm_destroy(&vms[left - 1]);
	}

	announced = unmap_next("munmap after the last VM", 0);
	diag("after the last VM an munmap is %s", announced ? "announced still" : "not announced any more");
	memory_check("host", memory, memory_key(1, 1), PAGES - 1, 1);

	slot = add_vm(&vms[0]);
	guest_check(&vms[0].vcpu[0], slot, PAGES - 1, 1, 1);
	expect(unmap_next("munmap beside a new VM", 1), "munmap beside a new VM: was not announced");
}

const struct test test = {
	.name = "last",
	.group = "life",
	.proves = "each VM that is left is told of an munmap once, and none when the last is closed",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "closed", closed },
	},
};
