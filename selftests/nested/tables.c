// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest changes page tables that KVM may have shadowed, its own ones or the nested ones of its guest,
 * after the host has swapped, merged or moved the memory that they are in. KVM must have seen every
 * change: what it protected against the guest's writes stays so, whatever becomes of the pages.
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
#include "lib/witness.h"
#include "lib/x86/svm.h"
#include "lib/x86/window.h"

#define PAGES 64
#define WINDOWS (PAGES / 8)	/* of what a shadowing fault prefetches */
#define ENTRY 3			/* that is changed, to: */
#define OTHER 40
#define SWAP_MIB 16
#define TOUCHED 3		/* tables that the window's reader walks: WINDOW_PD, WINDOW_PT, WINDOW_PT2 */

static const struct step nothing, all_anew = { .faulted = PAGES, .faults = WINDOWS };

/*
 * One vCPU edits, the other one reads through the window. WINDOW_PT maps page i at i, WINDOW_PT2 at
 * PAGES - 1 - i.
 */
struct stage {
	struct vm vm;
	struct vcpu *editor, *reader;
	struct memslot *slot, view;
	struct window window;
	struct witness witness;
	bool nested;	/* they are nested page tables; else the guest's own */
	bool shadowed;	/* by KVM, and not walked by the CPU */
};

static void fill_tables(struct stage *s)
{
	window_create(&s->window, &s->vm);
	for (size_t i = 0; i < PAGES; i++) {
		window_map(&s->window, WINDOW_PT, i, s->slot, i, 1);
		window_map(&s->window, WINDOW_PT2, i, s->slot, PAGES - 1 - i, 1);
	}
}

static void attach(struct stage *s)
{
	const char *missing = s->nested ? svm_missing(true) : NULL;

	if (missing)
		skip_case("%s", missing);
	vm_create(&s->vm, 2);
	s->editor = &s->vm.vcpu[0];
	s->reader = &s->vm.vcpu[1];
	s->slot = vm_add_memslot(&s->vm, memory_alloc(PAGES), PAGES);
	s->view = window_view(s->slot, 0);
	fill_tables(s);
	if (s->nested)
		svm_begin(s->reader, window_nested_cr3(&s->window));
	else
		window_attach(&s->window);
}

/* Can be read without a fault of its own: the tables are mapped for the editor, and so for the CPU. */
static void set_up(struct stage *s, bool nested)
{
	uint64_t value;

	*s = (struct stage){ .nested = nested, .shadowed = nested || kvm_shadows() };
	attach(s);
	memory_fill(s->slot->hva, memory_key(s->slot->tag, 1), 0, PAGES);
	for (size_t i = 0; i < WINDOW_TABLES; i++)
		require(!guest_read(s->editor, s->window.tables, i, &value), "the tables cannot be read");
	witness_open(&s->witness, &s->vm);
	require(!guest_check(s->reader, &s->view, 0, PAGES, 1), "nothing can be read in the window");
	witness_step(&s->witness, "read in the window", &(struct step){
		.faulted = PAGES, .faults = s->shadowed ? WINDOWS : 0,
	});
	if (s->shadowed)
		sptes_expect(s->window.tables, WINDOW_PD, 2, SPTES_READ_ONLY, "tables in use");
}

/* `step` is what comes of it where KVM shadows the tables; elsewhere nothing does. */
static void step_if_shadowed(struct stage *s, const char *what, const struct step *step)
{
	witness_step(&s->witness, what, s->shadowed ? step : &(struct step){ 0 });
}

static void edit(struct stage *s, enum window_table table, size_t index, uint64_t value)
{
	int err = window_write(&s->window, s->editor, table, index, value);

	require(!err, "the guest cannot write entry %zu of table %d (%d)", index, table, err);
	expect(*window_entry(&s->window, table, index) == value,
	       "the guest's write to entry %zu of table %d is not in its memory", index, table);
}

/* As the guest has to after an edit. */
static void forget(struct stage *s)
{
	if (s->nested)
		svm_flush(s->reader);
	else
		require(!guest_forget(s->reader, &s->view, 0, PAGES), "INVLPG fails");
}

/* The reader finds that page of the memslot there. */
static void expect_page(struct stage *s, const char *what, size_t at, size_t page)
{
	uint64_t value = 0, key = memory_key(s->slot->tag, 1);
	int err = guest_read(s->reader, &s->view, at, &value);

	expect(!err && value == pattern_word(key, page, 0), "%s: page %zu of the window is %s, not page %zu",
	       what, at, err ? "not there" : value == pattern_word(key, at, 0) ? "what it was before" :
	       "another one", page);
}

/* A level-1 table: KVM lets the guest write it, and looks again when the guest flushes. */
static void edit_entry(struct stage *s)
{
	edit(s, WINDOW_PT, ENTRY, window_page(s->slot, OTHER));
	step_if_shadowed(s, "guest edits an entry", &(struct step){ .upgraded = 1 });
	sptes_expect(s->window.tables, WINDOW_PT, 1, SPTES_WRITABLE, "guest edits an entry");
}

/*
 * The guest's flush, after which `changed` entries are looked at again: by INVLPG at once, which may map
 * the new pages itself (before 6.4), or when the nested guest is started.
 */
static bool flush_maps(struct stage *s, size_t changed)
{
	uint64_t before = 0, after = 0;
	bool counted = vm_pages(&s->vm, &before), maps;

	forget(s);
	if (s->nested || !s->shadowed)
		return false;
	maps = counted && vm_pages(&s->vm, &after) && before == after;
	witness_step(&s->witness, "guest flushes", maps ? &nothing : &(struct step){ .zapped = changed });
	return maps;
}

/* `changed` entries of the same prefetch window were read; maps is flush_maps()'s. */
static void changed_were_read(struct stage *s, size_t changed, bool maps)
{
	step_if_shadowed(s, "read after the edit", maps ? &nothing : &(struct step){
		.zapped = s->nested ? changed : 0, .faulted = changed, .faults = 1,
	});
}

static void read_entry(struct stage *s)
{
	bool maps = flush_maps(s, 1);

	expect_page(s, "after an edit", ENTRY, OTHER);
	expect_page(s, "after an edit", OTHER, OTHER);
	expect_page(s, "after an edit", ENTRY + 1, ENTRY + 1);
	changed_were_read(s, 1, maps);
	if (s->shadowed)
		sptes_expect(s->slot, ENTRY, 1, SPTES_NONE, "read after the edit");
	if (s->nested)
		sptes_expect(s->window.tables, WINDOW_PT, 1, SPTES_READ_ONLY, "read after the edit");
}

static void entry(bool nested)
{
	struct stage s;

	set_up(&s, nested);
	edit_entry(&s);
	read_entry(&s);
	edit(&s, WINDOW_PT, ENTRY, window_page(s.slot, ENTRY));
	forget(&s);
	require(!guest_check(s.reader, &s.view, 0, PAGES, 1), "nothing can be read in the window");
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, PAGES);
}

/*
 * The sptes of a table that nothing points to any more: kept for the next one that does, or, of a
 * nested guest, zapped with it by newer kernels. False: kept, all of them.
 */
static bool left_table_is_zapped(struct stage *s)
{
	struct spte_view views[PAGES];
	size_t mapped = 0;

	if (!s->nested || !sptes_read_nested(s->slot, 0, PAGES, views))
		return false;
	for (size_t i = 0; i < PAGES; i++)
		mapped += views[i].mapped;
	expect(!mapped || mapped >= PAGES - 1, "a table is left with %zu of its sptes", mapped);
	return !mapped;
}

/* A table above: KVM has to see the write itself, by which `written` comes to pass. */
static bool switch_table(struct stage *s, const struct step *written, const struct step *read)
{
	struct step step = *written;
	bool zapped;

	edit(s, WINDOW_PD, 0, window_table(&s->window, WINDOW_PT2));
	zapped = left_table_is_zapped(s);
	step.zapped += zapped ? PAGES : 0;
	witness_step(&s->witness, "guest switches tables", &step);
	forget(s);
	for (size_t i = 0; i < PAGES; i++)
		expect_page(s, "after a switch", i, PAGES - 1 - i);
	witness_step(&s->witness, "read after the switch", read);
	return zapped;
}

static uint64_t count(struct stage *s, const char *name)
{
	uint64_t value = 0;

	vm_vcpu_stat(&s->vm, name, &value);
	return value;
}

/* One fault finds the table that was left, with all that it had, unless that was zapped. */
static void read_again(struct stage *s, bool zapped)
{
	uint64_t fixed = count(s, "pf_fixed"), spurious = count(s, "pf_spurious");

	forget(s);
	require(!guest_check(s->reader, &s->view, 0, PAGES, 1), "nothing can be read in the window");
	fixed = count(s, "pf_fixed") - fixed;
	spurious = count(s, "pf_spurious") - spurious;
	/* Newer kernels say that it was spurious, as the spte was there. */
	expect(zapped || !s->shadowed || !s->witness.counters || fixed + spurious == 1,
	       "%lu faults were fixed and %lu spurious in a table that was there", fixed, spurious);
	step_if_shadowed(s, "read after switching back", zapped ? &all_anew :
			 &(struct step){ .faults = fixed });
}

static void table(bool nested)
{
	struct stage s;
	bool zapped;

	set_up(&s, nested);
	zapped = switch_table(&s, &nothing, s.shadowed ? &all_anew : &nothing);
	edit(&s, WINDOW_PD, 0, window_table(&s.window, WINDOW_PT));
	witness_step(&s.witness, "guest switches back", &(struct step){ .zapped = zapped ? PAGES : 0 });
	read_again(&s, zapped);
}

/* What a hypervisor does not map, or not so, its guest's access comes back to it. */
static void expect_exit(struct stage *s, bool write, bool present)
{
	uint64_t value;
	int err;

	forget(s);
	err = write ? guest_write(s->reader, &s->view, ENTRY, 1) :
		      guest_read(s->reader, &s->view, ENTRY, &value);
	if (!expect(err == -ENXIO, "the nested guest %s what its hypervisor does not let it (%d)",
		    write ? "writes" : "reads", err))
		return;
	expect(svm_fault(s->reader).gpa / GUEST_PAGE == s->view.gpa / GUEST_PAGE + ENTRY &&
	       svm_fault(s->reader).present == present && svm_fault(s->reader).write == write,
	       "the hypervisor is told of %#lx (present %d, write %d)", svm_fault(s->reader).gpa,
	       svm_fault(s->reader).present, svm_fault(s->reader).write);
}

static void nested_rights(void)
{
	struct stage s;

	set_up(&s, true);
	edit(&s, WINDOW_PT, ENTRY, 0);
	expect_exit(&s, false, false);
	witness_step(&s.witness, "entry cleared", &(struct step){ .zapped = 1, .upgraded = 1 });
	sptes_expect_nested(s.slot, ENTRY, 1, SPTES_NONE, "entry cleared");

	edit(&s, WINDOW_PT, ENTRY, window_page(s.slot, ENTRY) & ~WINDOW_WRITABLE);
	expect_exit(&s, true, true);
	expect_page(&s, "entry read-only", ENTRY, ENTRY);
	witness_step(&s.witness, "entry read-only", &(struct step){ .faulted = 1, .faults = 2 });
	sptes_expect_nested(s.slot, ENTRY, 1, SPTES_READ_ONLY, "entry read-only");
}

/* Who reads what KVM has shadowed needs no table; after that they are there and writable again. */
static void expect_taken(struct stage *s, const char *what, enum notify event)
{
	witness_step(&s->witness, what, &(struct step){
		.event = event, .hva = s->window.tables->hva, .pages = TOUCHED, .zapped = TOUCHED,
	});
	if (!s->shadowed)
		return;
	require(!guest_check(s->reader, &s->view, 0, PAGES, 1), "nothing can be read in the window");
	witness_step(&s->witness, "read without the tables", &nothing);
}

/* The protection against writes comes back with the page. */
static void read_tables(struct stage *s)
{
	uint64_t value;

	for (size_t i = 0; i < TOUCHED; i++)
		require(!guest_read(s->editor, s->window.tables, i, &value), "the tables cannot be read");
	witness_step(&s->witness, "guest reads the tables", &(struct step){ .faulted = TOUCHED });
	if (s->shadowed)
		sptes_expect(s->window.tables, WINDOW_PD, 1, SPTES_READ_ONLY, "guest reads the tables");
}

/* What comes back from swap is copied by some kernels when it is written first. */
static void owner_touches(struct stage *s)
{
	volatile uint64_t *first;

	for (size_t i = 0; i < TOUCHED; i++) {
		first = window_entry(&s->window, i, 0);
		*first = *first;
	}
	witness_step(&s->witness, "owner touches the tables", &(struct step){
		.event = NOTIFY_CLEAR, .hva = s->window.tables->hva, .pages = TOUCHED, .partial = true,
	});
}

/* A fault of its own maps WINDOW_PT for writes, prefetching only for reads (make_spte()). */
static void edit_after(struct stage *s)
{
	owner_touches(s);
	read_tables(s);
	edit(s, WINDOW_PT, ENTRY, window_page(s->slot, OTHER));
	step_if_shadowed(s, "guest edits an entry", &(struct step){ .upgraded = kvm_probe_prefetch() });
	read_entry(s);
	switch_table(s, &nothing, s->shadowed ? &all_anew : &nothing);
}

static void swapped(bool nested)
{
	struct stage s;

	swap_on(SWAP_MIB);
	set_up(&s, nested);
	swap_out(s.window.tables->hva, TOUCHED);
	expect_taken(&s, "MADV_PAGEOUT of the tables", NOTIFY_CLEAR);
	edit_after(&s);
}

static void moved(bool nested)
{
	char *copy = memory_alloc(TOUCHED);
	struct stage s;

	set_up(&s, nested);
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
	struct stage s;

	ksm_prepare();
	set_up(&s, nested);
	if (!s.shadowed)
		skip_case("the CPU walks these tables itself: it may write, and no merge lasts");
	memcpy(copy, s.window.tables->hva, TOUCHED * GUEST_PAGE);
	memcpy(before, copy, TOUCHED * GUEST_PAGE);
	ksm_register(s.window.tables->hva, TOUCHED);
	ksm_register(copy, TOUCHED);
	ksm_merge();
	expect_taken(&s, "KSM merges the tables", NOTIFY_CLEAR);
	read_tables(&s);
	edit(&s, WINDOW_PT, ENTRY, window_page(s.slot, OTHER));
	witness_step(&s.witness, "guest edits a merged table", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.window.tables, WINDOW_PT), .pages = 1,
		.zapped = 1, .faulted = 1,
	});
	read_entry(&s);
	switch_table(&s, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.window.tables, WINDOW_PD), .pages = 1,
		.zapped = 1,
	}, &all_anew);
	expect(!memcmp(copy, before, TOUCHED * GUEST_PAGE), "the copy has changed as well");
}

/* While KVM lets the guest write a table, it takes what the owner wrote there as well. */
static void rewritten(bool nested)
{
	struct stage s;
	bool maps;

	set_up(&s, nested);
	edit_entry(&s);
	window_map(&s.window, WINDOW_PT, ENTRY + 1, s.slot, OTHER + 1, 1);
	maps = flush_maps(&s, 2);
	expect_page(&s, "written by the guest", ENTRY, OTHER);
	expect_page(&s, "written by the owner", ENTRY + 1, OTHER + 1);
	changed_were_read(&s, 2, maps);
}

static void own_entry(void)
{
	entry(false);
}

static void nested_entry(void)
{
	entry(true);
}

static void own_table(void)
{
	table(false);
}

static void nested_table(void)
{
	table(true);
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
		{ "own-entry", own_entry },
		{ "nested-entry", nested_entry },
		{ "own-table", own_table },
		{ "nested-table", nested_table },
		{ "nested-rights", nested_rights },
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
