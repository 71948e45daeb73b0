// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dirty ring while the host takes the logged pages away. It names what the guest wrote, each page once
 * for each time that it became writable; a page that was taken and is written again is named again. As with
 * the bitmap (dirty/log), reading may map a page writable and so name it.
 */
#include <string.h>

#include "lib/check.h"
#include "lib/dirty-log.h"
#include "lib/dirty-ring.h"
#include "lib/displace.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/written.h"

#define PAGES 128
#define ENTRIES 4096	/* more than any step here can need, and than KVM keeps for itself */

static struct stage s;
static struct dirty_ring ring;
static size_t pages;
static struct written written = { .stage = &s };
static bool harvested[WRITTEN_MAX];
static struct spte_view views[WRITTEN_MAX];

static void set_up(enum displace how)
{
	if (!dirty_ring_entries_max())
		skip_case("KVM without KVM_CAP_DIRTY_LOG_RING");
	require(dirty_ring_entries_max() >= ENTRIES, "a dirty ring may have %zu entries only",
		dirty_ring_entries_max());
	pages = how == DISPLACE_SPLIT ? THP_PAGES : PAGES;
	vm_create_with_ring(&s.vm, 1, ENTRIES);
	s.vcpu = &s.vm.vcpu[0];
	s.slot = vm_add_memslot(&s.vm, displace_alloc(how, pages), pages);
	dirty_ring_map(&ring, s.vcpu, ENTRIES);
	dirty_log_start(s.slot);
	witness_open(&s.witness, &s.vm);
}

/* About a third of the pages, by the seed, and each twice, which says nothing new. */
static void write_some(uint64_t version)
{
	for (size_t page = 0; page < pages; page++) {
		if (version > 1 && !written_chosen(page, version))
			continue;
		written_page(&written, page, version);
		written_page(&written, page, version);
	}
	written_step(&written, "guest writes");
}

static void expect_none_writable(const char *what)
{
	size_t writable = 0;

	if (!sptes_read(s.slot, 0, pages, views))
		return;
	for (size_t page = 0; page < pages; page++)
		writable += views[page].writable;
	expect(!writable, "%s: %zu pages are writable after the reset", what, writable);
}

/* All entries are given back, and nothing is writable any more. */
static void take_ring(const char *what, bool read)
{
	const bool have = sptes_read(s.slot, 0, pages, views);
	size_t missing = 0, extra = 0, count = 0, entries, reset;

	entries = dirty_ring_harvest(&ring, s.slot, harvested);
	for (size_t page = 0; page < pages; page++) {
		const bool may = read && (!have || views[page].writable);

		count += written.since[page];
		missing += written.since[page] && !harvested[page];
		extra += harvested[page] && !written.since[page] && !may;
		expect(!have || !views[page].writable || harvested[page],
		       "%s: page %zu is writable and not in the ring", what, page);
	}
	expect(!missing && !extra, "%s: %zu pages are missing in the ring and %zu too many", what, missing,
	       extra);
	expect(read || entries == count, "%s: %zu entries for %zu pages", what, entries, count);
	reset = dirty_ring_reset(&s.vm);
	expect(reset == entries, "%s: %zu entries were reset, harvested %zu", what, reset, entries);
	expect_none_writable(what);
	memset(written.since, 0, sizeof(written.since));
	sptes_check(&s.vm, what, true);
}

/* The same of pages that the host has not taken since: each has its spte still. */
static void harvest(const char *what, bool read)
{
	take_ring(what, read);
	sptes_expect_only(s.slot, 0, pages, harvested, SPTES_READ_ONLY, what);
}

static void story(enum displace how)
{
	struct step step;

	set_up(how);
	write_some(1);
	if (how == DISPLACE_SPLIT && thp_count(s.slot->hva) != pages)
		skip_case("the host gave no huge page");
	harvest("guest wrote all", false);
	step = displace(how, s.slot->hva, pages);
	witness_step(&s.witness, "host takes all pages away", &step);
	harvest("nothing was written", false);
	write_some(2);
	harvest("written after that", false);
	write_some(3);
	step = displace(how, s.slot->hva, pages);
	step.racing = step.partial = true;
	witness_step(&s.witness, "host takes all pages away again", &step);
	/* Before a read maps pages writable, which puts them into the ring, too. */
	take_ring("written before the second time", false);
	written_check(&written, "guest reads all");
	harvest("guest read all", true);
}

DISPLACE_CASES(story)

const struct test test = {
	.name = "ring",
	.group = "dirty",
	.proves = "the dirty ring names what the guest wrote, whatever the host does to its pages",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", DISPLACE_MODULES },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "swap", swap, { .swap = true } },
		{ "migrate", migrate, { .nodes = 2 } },
		{ "ksm", ksm, { .ksm = true } },
		{ "split", split, { .files = { THP_KNOBS "enabled" } } },
	},
};
