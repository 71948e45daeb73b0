// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many VMs of one process, each with a page of its own, which KSM made one page of the host. When one of them
 * loses it, all are told, as a notifier hears of all of its mm; but this one alone has an spte there. For the
 * others it is a no-op: they lose nothing and flush nothing.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm.h"
#include "lib/loss.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/told.h"
#include "lib/witness.h"

#define FEW 8
#define MANY 100
#define WRITER 1	/* the VM that writes to its page; the first one's is unmapped */

static struct member {
	struct vm vm;
	struct memslot *slot;
	struct loss loss;
} members[MANY];

static size_t vms;
static char *memory;		/* page i is of VM i */
static struct witness witness;	/* of VM 0 */
static size_t noops;		/* times that a VM was told of what is no affair of its own */

static char *page_of(size_t i)
{
	return memory + i * GUEST_PAGE;
}

static size_t count_starts(const struct event_list *list, const void *hva)
{
	size_t starts = 0;

	for (size_t i = 0; i < list->count; i++)
		starts += list->event[i].kind == EVENT_START && list->event[i].start == (uintptr_t)hva;
	return starts;
}

/* Each invalidation of that page was told to all, of whom one had it; returns how many there were. */
static size_t expect_told(size_t i, const char *what)
{
	const size_t starts = count_starts(witness_events(), page_of(i));

	events_expect_told(witness_events(), page_of(i), starts * vms, what);
	noops += starts * (vms - 1);
	return starts;
}

/* Those from `first` on have the one page of all, and read what each wrote. */
static void expect_merged(size_t first, const char *what)
{
	struct page_state page[MANY];

	pagemap_read(memory, page, vms);
	for (size_t i = first; i < vms; i++) {
		expect(page[i].present && page[i].pfn == page[vms - 1].pfn,
		       "%s: VM %zu has pfn %#lx, not %#lx", what, i, page[i].pfn, page[vms - 1].pfn);
		guest_check(&members[i].vm.vcpu[0], members[i].slot, 0, 1, 1);
		sptes_expect(members[i].slot, 0, 1, SPTES_READ_ONLY, what);
	}
}

static void expect_lost(size_t first, uint64_t lost, const char *what)
{
	for (size_t i = first; i < vms; i++)
		loss_expect(&members[i].loss, &members[i].vm, i, lost, what);
}

static void note_all(void)
{
	for (size_t i = 0; i < vms; i++)
		loss_note(&members[i].loss, &members[i].vm);
}

static void set_up(void)
{
	ksm_prepare();
	memory = memory_alloc(vms);
	ksm_register(memory, vms);
	for (size_t i = 0; i < vms; i++) {
		vm_create(&members[i].vm, 1);
		members[i].slot = vm_add_memslot(&members[i].vm, page_of(i), 1);
	}
	witness_open(&witness, &members[0].vm);
	for (size_t i = 0; i < vms; i++)
		guest_fill(&members[i].vm.vcpu[0], members[i].slot, 0, 1, 1);
	witness_step(&witness, "guests write", &(struct step){ .faulted = 1 });
	note_all();
}

/* Each page once at least: KSM tries again with one that somebody holds for a moment (write_protect_page()). */
static void merge(void)
{
	static const char what[] = "KSM merges";

	ksm_merge();
	witness_step(&witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = page_of(0), .pages = 1, .zapped = 1,
	});
	for (size_t i = 0; i < vms; i++) {
		const size_t starts = expect_told(i, what);

		expect(events_missing() || starts, "%s: nobody was told of the page of VM %zu", what, i);
	}
	expect_lost(0, 1, what);
	expect_merged(0, what);
	witness_step(&witness, "guests read what KSM merged", &(struct step){ .faulted = 1 });
	note_all();
}

/* The copy is the writer's, by its own fault. */
static void write_one(void)
{
	static const char what[] = "a VM writes the merged page";

	guest_fill(&members[WRITER].vm.vcpu[0], members[WRITER].slot, 0, 1, 2);
	witness_step(&witness, what, &(struct step){ 0 });
	expect(expect_told(WRITER, what) == 1 || events_missing(), "%s: not by one invalidation", what);
	sptes_expect(members[WRITER].slot, 0, 1, SPTES_WRITABLE, what);
	expect_lost(WRITER + 1, 0, what);
	loss_expect(&members[0].loss, &members[0].vm, 0, 0, what);
	expect_merged(WRITER + 1, what);
	expect_lost(WRITER + 1, 0, "guests read");
}

static void unmap_one(void)
{
	static const char what[] = "munmap of a VM's page";

	require(!munmap(page_of(0), GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&witness, what, &(struct step){
		.event = NOTIFY_UNMAP, .hva = page_of(0), .pages = 1, .zapped = 1,
	});
	expect(expect_told(0, what) == 1 || events_missing(), "%s: not by one invalidation", what);
	loss_note(&members[WRITER].loss, &members[WRITER].vm);
	expect_lost(WRITER + 1, 0, what);
	guest_expect_efault(&members[0].vm.vcpu[0], members[0].slot, 0, 1, false);
	guest_check(&members[WRITER].vm.vcpu[0], members[WRITER].slot, 0, 1, 2);
	expect_merged(WRITER + 1, what);
	expect_lost(WRITER, 0, "guests read");
}

static void one_page(size_t count)
{
	vms = count;
	set_up();
	merge();
	write_one();
	unmap_one();
	diag("%zu VMs were told %zu times of what concerned another one", vms, noops);
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
	.name = "ksm-process",
	.group = "many",
	.proves = "of many VMs of a process on one merged page all are told, and one loses it",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "few", few },
		{ "many", many, .needs.memory_mib = 256, .full = "makes a hundred VMs" },
	},
};
