// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host swaps, merges or moves the memory in which a guest has page tables that KVM may have shadowed.
 * Then the guest changes them. KVM must have seen every change: what it protected against the guest's
 * writes is so again when the page is back.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/ksm.h"
#include "lib/kvm-probe.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/x86/tables.h"

#define SWAP_MIB 16
#define TOUCHED 3	/* tables that the host acts on: WINDOW_PD, WINDOW_PT, WINDOW_PT2 */

/* Who reads what KVM has shadowed needs no table; after that they are there and writable again. */
static void expect_taken(struct tables *s, const char *what, enum notify event)
{
	witness_step(&s->witness, what, &(struct step){
		.event = event, .hva = s->window.tables->hva, .pages = TOUCHED, .zapped = TOUCHED,
	});
	if (!s->shadowed)
		return;
	require(!guest_check(s->reader, &s->view, 0, TABLES_PAGES, 1), "nothing can be read in the window");
	witness_step(&s->witness, "read without the tables", &tables_nothing);
}

/* The protection against writes comes back with the page. */
static void read_tables(struct tables *s)
{
	uint64_t value;

	for (size_t i = 0; i < TOUCHED; i++)
		require(!guest_read(s->editor, s->window.tables, i, &value), "the tables cannot be read");
	witness_step(&s->witness, "guest reads the tables", &(struct step){ .faulted = TOUCHED });
	if (s->shadowed)
		sptes_expect(s->window.tables, WINDOW_PD, 1, SPTES_READ_ONLY, "guest reads the tables");
}

/* What comes back from swap is copied by some kernels when it is written first. */
static void owner_touches(struct tables *s)
{
	volatile uint64_t *first;
	uint64_t value;

	for (size_t i = 0; i < TOUCHED; i++) {
		first = window_entry(&s->window, i, 0);
		value = *first;
		*first = value;
	}
	witness_step(&s->witness, "owner touches the tables", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->window.tables->hva, .pages = TOUCHED, .partial = true,
	});
}

/* A fault of its own maps WINDOW_PT for writes, prefetching only for reads (make_spte()). */
static void edit_after(struct tables *s)
{
	owner_touches(s);
	read_tables(s);
	tables_edit(s, WINDOW_PT, TABLES_ENTRY, window_page(s->slot, TABLES_OTHER));
	tables_step(s, "guest edits an entry", &(struct step){ .upgraded = kvm_probe_prefetch() });
	tables_read_entry(s);
	tables_switch(s, &tables_nothing, s->shadowed ? &tables_all_anew : &tables_nothing);
}

static void swapped(bool nested)
{
	struct tables s;

	swap_on(SWAP_MIB);
	tables_set_up(&s, nested);
	swap_out(s.window.tables->hva, TOUCHED);
	expect_taken(&s, "MADV_PAGEOUT of the tables", NOTIFY_CLEAR);
	edit_after(&s);
}

static void moved(bool nested)
{
	char *copy = memory_alloc(TOUCHED);
	struct tables s;

	tables_set_up(&s, nested);
	memcpy(copy, s.window.tables->hva, TOUCHED * GUEST_PAGE);
	require(mremap(copy, TOUCHED * GUEST_PAGE, TOUCHED * GUEST_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       s.window.tables->hva) == s.window.tables->hva, "mremap over the tables failed");
	expect_taken(&s, "mremap over the tables", NOTIFY_UNMAP);
	edit_after(&s);
}

/* An edit breaks the merge for its table, whether KVM or the guest writes. */
static void merged(bool nested)
{
	char *copy = memory_alloc(TOUCHED), *before = memory_alloc(TOUCHED);
	struct tables s;

	ksm_prepare();
	tables_set_up(&s, nested);
	if (!s.shadowed)
		skip_case("the CPU walks these tables itself: it may write, and no merge lasts");
	memcpy(copy, s.window.tables->hva, TOUCHED * GUEST_PAGE);
	memcpy(before, copy, TOUCHED * GUEST_PAGE);
	ksm_register(s.window.tables->hva, TOUCHED);
	ksm_register(copy, TOUCHED);
	ksm_merge();
	expect_taken(&s, "KSM merges the tables", NOTIFY_CLEAR);
	read_tables(&s);
	tables_edit(&s, WINDOW_PT, TABLES_ENTRY, window_page(s.slot, TABLES_OTHER));
	witness_step(&s.witness, "guest edits a merged table", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.window.tables, WINDOW_PT), .pages = 1,
		.zapped = 1, .faulted = 1,
	});
	tables_read_entry(&s);
	tables_switch(&s, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.window.tables, WINDOW_PD), .pages = 1,
		.zapped = 1,
	}, &tables_all_anew);
	expect(!memcmp(copy, before, TOUCHED * GUEST_PAGE), "the copy has changed as well");
}

/* While KVM lets the guest write a table, it takes what the owner wrote there as well. */
static void rewritten(bool nested)
{
	struct tables s;
	bool maps;

	tables_set_up(&s, nested);
	tables_edit_entry(&s);
	window_map(&s.window, WINDOW_PT, TABLES_ENTRY + 1, s.slot, TABLES_OTHER + 1, 1);
	maps = tables_flush_maps(&s, 2);
	tables_expect_page(&s, "written by the guest", TABLES_ENTRY, TABLES_OTHER);
	tables_expect_page(&s, "written by the owner", TABLES_ENTRY + 1, TABLES_OTHER + 1);
	tables_changed_were_read(&s, 2, maps);
}

static void own_swapped(void)
{
	swapped(false);
}

static void nested_swapped(void)
{
	swapped(true);
}

static void own_merged(void)
{
	merged(false);
}

static void nested_merged(void)
{
	merged(true);
}

static void own_rewritten(void)
{
	rewritten(false);
}

static void nested_rewritten(void)
{
	rewritten(true);
}

static void own_moved(void)
{
	moved(false);
}

static void nested_moved(void)
{
	moved(true);
}

const struct test test = {
	.name = "tables",
	.group = "nested",
	.proves = "KVM follows a guest's changes of shadowed tables, whatever the host did to their memory",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 40,
	.cases = {
		{ "own-swapped", own_swapped, { .swap = true } },
		{ "nested-swapped", nested_swapped, { .swap = true } },
		{ "own-merged", own_merged, { .ksm = true } },
		{ "nested-merged", nested_merged, { .ksm = true } },
		{ "own-rewritten", own_rewritten },
		{ "nested-rewritten", nested_rewritten },
		{ "own-moved", own_moved },
		{ "nested-moved", nested_moved },
	},
};
