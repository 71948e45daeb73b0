// SPDX-License-Identifier: GPL-2.0-only
/*
 * A debugger sets a breakpoint in a file that the host has mapped to be executed, and that mapping is a guest's
 * memory, which the guest executes. It runs into the host's breakpoint: a #BP of its own, delivered to its own
 * handler, of which the host hears nothing, as it looks for traps of its process and not of guests. When the
 * breakpoint is gone, it executes the file's page again.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/uprobe.h"
#include "lib/witness.h"
#include "lib/x86/breakpoint.h"

#define ROUNDS 100

static struct vm vm;
static struct memslot *slot;	/* one page, the code, which begins with what is probed */
static struct witness witness;
static struct breakpoint guest;
static int file;

static void set_up(void)
{
	void *memory;

	file = memfd_create("code", MFD_CLOEXEC);
	require(file >= 0 && !ftruncate(file, GUEST_PAGE) &&
		pwrite(file, breakpoint_code, breakpoint_code_size, 0) == breakpoint_code_size,
		"memfd_create: %s", strerror(errno));
	memory = memory_map_private(file, 1);
	require(!mprotect(memory, GUEST_PAGE, PROT_READ | PROT_EXEC), "mprotect: %s", strerror(errno));
	lru_drain();
	vm_create(&vm, 1);
	breakpoint_prepare(&guest, &vm.vcpu[0]);
	slot = vm_add_memslot(&vm, memory, 1);
	witness_open(&witness, &vm);
}

static uint64_t pfn(void)
{
	struct page_state page;

	pagemap_read(slot->hva, &page, 1);
	expect(page.present, "the page is not there");
	return page.pfn;
}

/* The owner has that byte where the probe is; the file has its own at all times. */
static void expect_byte(const char *what, unsigned char expected)
{
	unsigned char byte, *owner = slot_page(slot, 0);

	require(pread(file, &byte, 1, 0) == 1, "pread: %s", strerror(errno));
	expect(byte == UPROBE_NOP, "%s: the file holds %#x", what, byte);
	expect(*owner == expected, "%s: the owner reads %#x, not %#x", what, *owner, expected);
}

/* Hits: in each of its rounds, or in none. */
static void execute(const char *what, uint64_t hits)
{
	const struct breakpoint_page *page = guest.page;

	breakpoint_command(&guest, slot->gpa, ROUNDS);
	require(!vcpu_run(guest.vcpu), "%s: the guest faults out", what);
	expect(page->rounds == ROUNDS, "%s: the guest went through %lu rounds of %d", what, page->rounds,
	       ROUNDS);
	expect(page->hits == hits, "%s: the guest took %lu #BP in %d rounds, expected %lu", what, page->hits,
	       ROUNDS, hits);
	expect(!hits || page->address == slot->gpa + 1, "%s: the guest's #BP was before %#lx, expected %#lx",
	       what, page->address, slot->gpa + 1);
	witness_step(&witness, what, &(struct step){ .faulted = 1 });
	sptes_expect(slot, 0, 1, SPTES_READ_ONLY, what);
}

static void expect_host_hits(int probe, uint64_t expected, const char *what)
{
	uint64_t hits;

	require(read(probe, &hits, sizeof(hits)) == sizeof(hits), "read of a uprobe: %s", strerror(errno));
	expect(hits == expected, "%s: the host counts %lu hits, not %lu", what, hits, expected);
}

/* The same code in the owner: that is what the host's breakpoint is for. */
static void execute_in_host(void)
{
	struct breakpoint_page page = { .limit = 1 };

	((void (*)(struct breakpoint_page *))slot_page(slot, 0))(&page);
	expect(page.rounds == 1 && !page.hits, "the owner went through %lu rounds, with %lu hits of its own",
	       page.rounds, page.hits);
	witness_step(&witness, "the owner executes", &(struct step){ 0 });
}

static void expect_replaced(const char *what)
{
	witness_step(&witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = 1, .zapped = 1,
	});
	sptes_expect(slot, 0, 1, SPTES_NONE, what);
}

static void set_and_removed(void)
{
	uint64_t of_file;
	int probe;

	set_up();
	execute("guest executes the file", 0);
	of_file = pfn();
	expect_byte("guest executes the file", UPROBE_NOP);
	probe = uprobe_set(file, 0);
	expect_replaced("a breakpoint is set");
	expect_byte("a breakpoint is set", UPROBE_BREAKPOINT);
	expect(pfn() != of_file, "the breakpoint was put into the file's page");
	execute("guest executes the breakpoint", ROUNDS);
	expect_host_hits(probe, 0, "guest executes the breakpoint");
	execute_in_host();
	expect_host_hits(probe, 1, "the owner executes it");
	/* Newer kernels give the file its page back only if no per-CPU batch holds the copy. */
	lru_drain();
	close(probe);
	expect_replaced("the breakpoint is removed");
	expect_byte("the breakpoint is removed", UPROBE_NOP);
	expect(pfn() == of_file, "the page is no longer the file's");
	execute("guest executes the file again", 0);
}

/* Two more, whole ones. */
static void wait_for_rounds(void)
{
	const uint64_t goal = guest.page->rounds + 3;

	while (guest.page->rounds < goal)
		usleep(200);
}

/*
 * The vCPU does not leave guest mode by itself. It hits in each round that begins after the call that sets the
 * breakpoint, and in none after the call that removes it.
 */
static void set_while_executed(void)
{
	const struct breakpoint_page *page;
	uint64_t set, removing, removed;
	int probe;

	set_up();
	page = guest.page;
	breakpoint_command(&guest, slot->gpa, UINT64_MAX);
	vcpu_start(guest.vcpu);
	wait_for_rounds();
	probe = uprobe_set(file, 0);
	set = page->rounds;
	wait_for_rounds();
	lru_drain();
	removing = page->rounds;
	expect_host_hits(probe, 0, "guest executes the breakpoint");
	close(probe);
	removed = page->rounds;
	wait_for_rounds();
	guest.page->limit = 0;
	expect(!vcpu_join(guest.vcpu), "the guest faulted out of memory that was there all the time");
	expect(page->first <= set + 1, "the first #BP was in round %lu, the breakpoint there before round %lu",
	       page->first, set + 1);
	expect(page->last + 1 >= removing && page->last <= removed,
	       "the last #BP was in round %lu, the breakpoint removed in rounds %lu to %lu", page->last,
	       removing, removed);
	expect(page->hits == page->last - page->first + 1, "%lu #BP in rounds %lu to %lu", page->hits,
	       page->first, page->last);
	witness_step(&witness, "a breakpoint under an executing guest", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = 1, .racing = true,
	});
	expect_byte("a breakpoint under an executing guest", UPROBE_NOP);
	sptes_expect(slot, 0, 1, SPTES_READ_ONLY, "a breakpoint under an executing guest");
}

const struct test test = {
	.name = "uprobe-executed",
	.group = "cow",
	.proves = "a guest takes a #BP for a breakpoint in its code from when it is set until it is removed",
	.needs = { .kvm = true, .memory_mib = 32, .files = { UPROBE_TYPE } },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "set-and-removed", set_and_removed },
		{ "set-while-executed", set_while_executed, { .cpus = 2 } },
	},
};
