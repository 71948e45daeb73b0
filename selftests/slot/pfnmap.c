// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a driver: a mapping with VM_PFNMAP, whose pages get_user_pages() does not know, so that KVM takes
 * them from the page table (hva_to_pfn_remapped() in virt/kvm/kvm_main.c). /dev/mem gives one, of the ROM of
 * the machine; the kernel's own [vvar] of every process is another. The events and counters are read here and
 * not by witness_step(), which holds sptes against /proc/self/pagemap: that passes over such mappings
 * (walk_page_test() in mm/pagewalk.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/record.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/told.h"

#define ROM 0xf0000UL	/* of 64 KiB below 1 MiB, as each PC has it */
#define PAGES 16
#define FIRST 5
#define COUNT 7

static struct stage s;
static uint64_t without;	/* pages that are mapped before the guest reads any of the ROM */

static char *map_rom(void)
{
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	char *memory = memory_alloc(PAGES), *rom;

	if (fd < 0)
		skip_case("/dev/mem: %s", strerror(errno));
	rom = mmap(memory, PAGES * GUEST_PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, ROM);
	if (rom == MAP_FAILED)
		skip_case("mmap of the ROM by /dev/mem: %s", strerror(errno));
	close(fd);
	return rom;
}

static bool has_flag(const char *line, const char *flag)
{
	return !strncmp(line, "VmFlags:", 8) && strstr(line, flag);
}

/* The first of this process that the kernel made itself, and its pages; NULL: there is none. */
static char *find_own(size_t *pages)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long start = 0, end = 0, a, b;
	char line[512], dash;
	bool found = false;

	require(smaps, "/proc/self/smaps: %s", strerror(errno));
	while (!found && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx%c%lx ", &a, &dash, &b) == 3 && dash == '-') {
			start = a;
			end = b;
		}
		found = has_flag(line, " pf ");
	}
	fclose(smaps);
	*pages = (end - start) / GUEST_PAGE;
	return found ? (char *)start : NULL;
}

static void expect_dontneed_refused(const char *what, void *memory, size_t pages)
{
	int result = madvise(memory, pages * GUEST_PAGE, MADV_DONTNEED);

	expect(result && errno == EINVAL, "MADV_DONTNEED of %s: %s, expected %s", what,
	       result ? strerror(errno) : "it succeeds", strerror(EINVAL));
}

/* What the guest finds in each page is what the host finds there. */
static void expect_same(size_t first, size_t count)
{
	uint64_t value = 0;

	for (size_t i = first; i < first + count; i++) {
		const uint64_t host = *(volatile uint64_t *)slot_page(s.slot, i);
		int err = guest_read(s.vcpu, s.slot, i, &value);

		expect(!err && value == host, "page %zu of the ROM: the guest reads %#lx (%s), the host %#lx",
		       i, value, strerror(-err), host);
	}
}

/* So many pages of the ROM are mapped, each by an spte of that page. */
static void expect_mapped(const char *what, size_t first, size_t count, size_t mapped)
{
	struct spte_view view[PAGES];
	uint64_t pages;

	if (vm_pages(&s.vm, &pages))
		expect(pages == without + mapped, "%s: %lu pages are mapped, expected %lu", what, pages,
		       without + mapped);
	sptes_expect(s.slot, first, count, SPTES_READ_ONLY, what);
	if (!sptes_read(s.slot, first, count, view))
		return;
	for (size_t i = 0; i < count; i++)
		expect(view[i].pfn == ROM / GUEST_PAGE + first + i, "%s: page %zu is mapped to pfn %#lx", what,
		       first + i, view[i].pfn);
}

/* All that was announced of the memslot is the unmapping of these pages, once; 0: nothing was. */
static void expect_told(const char *what, size_t first, size_t count)
{
	const uintptr_t rom = (uintptr_t)s.slot->hva, from = rom + first * GUEST_PAGE;
	struct event_list list = events_read();
	size_t told = 0, others = 0;

	record_mark(EVENT_STEP, what);
	for (size_t i = 0; i < list.count; i++) {
		const struct event *e = &list.event[i];
		const bool here = e->kind == EVENT_START && e->start < rom + PAGES * GUEST_PAGE &&
				  e->end > rom;
		const bool exact = e->notify == NOTIFY_UNMAP && e->start == from &&
				   e->end == from + count * GUEST_PAGE;

		told += here && exact;
		others += here && !exact;
	}
	if (!events_missing())
		expect(told == !!count && !others, "%s: announced %zu times, and %zu others of the memslot",
		       what, told, others);
	if (count)
		events_expect_told(&list, (void *)from, 1, what);
	events_free(&list);
}

static void set_up(void)
{
	stage_make(&s, map_rom(), PAGES);
	events_begin();
	if (!vm_pages(&s.vm, &without))
		without = 0;
	expect_same(0, PAGES);
	expect_told("guest reads the ROM", 0, 0);
	expect_mapped("guest reads the ROM", 0, PAGES, PAGES);
}

static void dontneed(void)
{
	set_up();
	expect_dontneed_refused("the ROM", slot_page(s.slot, FIRST), COUNT);
	expect_told("MADV_DONTNEED is refused", 0, 0);
	expect_mapped("MADV_DONTNEED is refused", 0, PAGES, PAGES);
	expect_same(0, PAGES);
}

static void unmapped(void)
{
	const size_t behind = FIRST + COUNT;

	set_up();
	require(!munmap(slot_page(s.slot, FIRST), COUNT * GUEST_PAGE), "munmap: %s", strerror(errno));
	expect_told("munmap of a part", FIRST, COUNT);
	sptes_expect(s.slot, FIRST, COUNT, SPTES_NONE, "munmap of a part");
	expect_mapped("munmap of a part", 0, FIRST, PAGES - COUNT);
	expect_mapped("munmap of a part", behind, PAGES - behind, PAGES - COUNT);
	guest_expect_efault(s.vcpu, s.slot, FIRST, COUNT, false);
	guest_expect_efault(s.vcpu, s.slot, FIRST, COUNT, true);
	expect_same(0, FIRST);
	expect_same(behind, PAGES - behind);
}

/* Anonymous memory takes its place, and the guest has that. */
static void replaced(void)
{
	void *part;

	set_up();
	part = slot_page(s.slot, FIRST);
	require(mmap(part, COUNT * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == part, "mmap: %s", strerror(errno));
	expect_told("mmap over a part", FIRST, COUNT);
	sptes_expect(s.slot, FIRST, COUNT, SPTES_NONE, "mmap over a part");
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), FIRST, COUNT);
	guest_check(s.vcpu, s.slot, FIRST, COUNT, 2);
	expect_same(0, FIRST);
	expect_mapped("all read", 0, FIRST, PAGES);
}

/* The kernel's own mapping, beside a VM that has other memory. */
static void own(void)
{
	size_t pages;
	char *memory = find_own(&pages);

	if (!memory)
		skip_case("no mapping of this process is VM_PFNMAP");
	stage_set(&s, PAGES);
	expect_dontneed_refused("a mapping of the kernel's own", memory, pages);
	witness_step(&s.witness, "MADV_DONTNEED is refused", &(struct step){ 0 });
	stage_read(&s, "all read", 0, PAGES, 1, 0);
}

const struct test test = {
	.name = "pfnmap",
	.group = "slot",
	.proves = "a guest reads a driver's memory, and loses it when it is unmapped, not by MADV_DONTNEED",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "own", own },
		{ "dontneed", dontneed },
		{ "munmap", unmapped },
		{ "replaced", replaced },
	},
};
