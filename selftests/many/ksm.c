// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many processes, each with a VM, have one and the same page, merged by KSM, at the same address. When
 * one of them gives it up or writes to it, that concerns this one only: the others are not told, and
 * keep their sptes.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/peer.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/told.h"
#include "lib/witness.h"

#define FEW 8
#define MANY 100

/* Each process has these once; the memory lies at the same address in all. */
static char *memory;
static struct vm vm;
static struct memslot *slot;
static struct witness witness;

static struct peer peers[MANY];
static uint64_t *pfn;	/* that all have */

static void make(void)
{
	ksm_register(memory, 1);
	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory, 1);
}

static void fill(void)
{
	guest_fill(&vm.vcpu[0], slot, 0, 1, 1);
	witness_step(&witness, "guest writes", &(struct step){ .faulted = 1 });
}

static void peer_begin(void)
{
	make();
	witness_open_counters(&witness, &vm);
	fill();
}

static void merged(const char *what)
{
	struct page_state page;

	pagemap_read(memory, &page, 1);
	expect(page.present && page.pfn == *pfn, "%s: pfn %#lx, expected %#lx", what, page.pfn, *pfn);
	guest_check(&vm.vcpu[0], slot, 0, 1, 1);
	sptes_expect(slot, 0, 1, SPTES_READ_ONLY, what);
}

static void peer_merged(void)
{
	witness_step(&witness, "KSM merges", &(struct step){ .zapped = 1 });
	merged("guest reads what KSM merged");
	witness_step(&witness, "guest reads what KSM merged", &(struct step){ .faulted = 1 });
}

static void peer_keeps(void)
{
	witness_step(&witness, "another VM's page", &(struct step){ 0 });
	merged("another VM's page");
	witness_step(&witness, "guest reads", &(struct step){ 0 });
}

static void expect_own(const char *what)
{
	struct page_state page;

	pagemap_read(memory, &page, 1);
	expect(page.present && page.pfn != *pfn, "%s: it still has the page of all", what);
	sptes_expect(slot, 0, 1, SPTES_WRITABLE, what);
}

/* By the guest, whose fault has it copied. */
static void peer_writes(void)
{
	guest_fill(&vm.vcpu[0], slot, 0, 1, 2);
	witness_step(&witness, "guest writes the merged page", &(struct step){ .upgraded = 1 });
	expect_own("guest writes the merged page");
}

static void call_all(size_t first, size_t processes, void (*function)(void))
{
	for (size_t i = first; i < processes; i++)
		peer_call(&peers[i], function);
}

static void set_up(size_t processes)
{
	struct page_state page;

	ksm_prepare();
	pfn = shared_alloc(sizeof(*pfn));
	memory = memory_alloc(1);
	for (size_t i = 1; i < processes; i++)
		peer_start(&peers[i], "a peer");
	call_all(1, processes, peer_begin);
	make();
	witness_open(&witness, &vm);
	fill();
	ksm_merge();
	witness_step(&witness, "KSM merges", &(struct step){
		.event = NOTIFY_CLEAR, .hva = memory, .pages = 1, .zapped = 1,
	});
	pagemap_read(memory, &page, 1);
	*pfn = page.pfn;
	merged("guest reads what KSM merged");
	witness_step(&witness, "guest reads what KSM merged", &(struct step){ .faulted = 1 });
	call_all(1, processes, peer_merged);
}

static void one_page(size_t processes)
{
	static const char peer_wrote[] = "a peer's guest writes the merged page";

	set_up(processes);
	witness_step(&witness, "all have one page", &(struct step){ 0 });

	peer_call(&peers[1], peer_writes);
	witness_step(&witness, peer_wrote, &(struct step){ 0 });
	events_expect_told(witness_events(), memory, 1, peer_wrote);
	merged(peer_wrote);
	call_all(2, processes, peer_keeps);

	require(!munmap(memory, GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&witness, "munmap of the merged page", &(struct step){
		.event = NOTIFY_UNMAP, .hva = memory, .pages = 1, .zapped = 1,
	});
	events_expect_told(witness_events(), memory, 1, "munmap of the merged page");
	guest_expect_efault(&vm.vcpu[0], slot, 0, 1, false);
	call_all(2, processes, peer_keeps);
}

static void few(void)
{
	one_page(FEW);
}

static void many(void)
{
	one_page(MANY);
}

const struct test test = {
	.name = "ksm",
	.group = "many",
	.proves = "of many processes on one merged page only the one is told that loses it",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "processes", few },
		{ "many-processes", many, .needs.memory_mib = 256, .full = "makes a hundred VMs" },
	},
};
