// SPDX-License-Identifier: GPL-2.0-only
#include "lib/x86/tables.h"

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/kvm-probe.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/x86/svm.h"

#define WINDOWS (TABLES_PAGES / 8)	/* of what a shadowing fault prefetches */

const struct step tables_nothing, tables_all_anew = { .faulted = TABLES_PAGES, .faults = WINDOWS };

static void fill_tables(struct tables *s)
{
	window_create(&s->window, &s->vm);
	for (size_t i = 0; i < TABLES_PAGES; i++) {
		window_map(&s->window, WINDOW_PT, i, s->slot, i, 1);
		window_map(&s->window, WINDOW_PT2, i, s->slot, TABLES_PAGES - 1 - i, 1);
	}
}

static void attach(struct tables *s)
{
	const char *missing = s->nested ? svm_missing(true) : NULL;

	if (missing)
		skip_case("%s", missing);
	vm_create(&s->vm, 2);
	s->editor = &s->vm.vcpu[0];
	s->reader = &s->vm.vcpu[1];
	s->slot = vm_add_memslot(&s->vm, memory_alloc(TABLES_PAGES), TABLES_PAGES);
	s->view = window_view(s->slot, 0);
	fill_tables(s);
	if (s->nested)
		svm_begin(s->reader, window_nested_cr3(&s->window));
	else
		window_attach(&s->window);
}

void tables_set_up(struct tables *s, bool nested)
{
	uint64_t value;

	*s = (struct tables){ .nested = nested, .shadowed = nested || kvm_shadows() };
	attach(s);
	memory_fill(s->slot->hva, memory_key(s->slot->tag, 1), 0, TABLES_PAGES);
	for (size_t i = 0; i < WINDOW_TABLES; i++)
		require(!guest_read(s->editor, s->window.tables, i, &value), "the tables cannot be read");
	witness_open(&s->witness, &s->vm);
	require(!guest_check(s->reader, &s->view, 0, TABLES_PAGES, 1), "nothing can be read in the window");
	witness_step(&s->witness, "read in the window", &(struct step){
		.faulted = TABLES_PAGES, .faults = s->shadowed ? WINDOWS : 0,
	});
	if (s->shadowed)
		sptes_expect(s->window.tables, WINDOW_PD, 2, SPTES_READ_ONLY, "tables in use");
}

void tables_step(struct tables *s, const char *what, const struct step *step)
{
	witness_step(&s->witness, what, s->shadowed ? step : &(struct step){ 0 });
}

void tables_edit(struct tables *s, enum window_table table, size_t index, uint64_t value)
{
	int err = window_write(&s->window, s->editor, table, index, value);

	require(!err, "the guest cannot write entry %zu of table %d (%d)", index, table, err);
	expect(*window_entry(&s->window, table, index) == value,
	       "the guest's write to entry %zu of table %d is not in its memory", index, table);
}

/* As the guest has to after an edit. */
void tables_forget(struct tables *s)
{
	if (s->nested)
		svm_flush(s->reader);
	else
		require(!guest_forget(s->reader, &s->view, 0, TABLES_PAGES), "INVLPG fails");
}

/* The reader finds that page of the memslot there. */
void tables_expect_page(struct tables *s, const char *what, size_t at, size_t page)
{
	uint64_t value = 0, key = memory_key(s->slot->tag, 1);
	int err = guest_read(s->reader, &s->view, at, &value);

	expect(!err && value == pattern_word(key, page, 0), "%s: page %zu of the window is %s, not page %zu",
	       what, at, err ? "not there" : value == pattern_word(key, at, 0) ? "what it was before" :
	       "another one", page);
}

/* A level-1 table: KVM lets the guest write it, and looks again when the guest flushes. */
void tables_edit_entry(struct tables *s)
{
	tables_edit(s, WINDOW_PT, TABLES_ENTRY, window_page(s->slot, TABLES_OTHER));
	tables_step(s, "guest edits an entry", &(struct step){ .upgraded = 1 });
	sptes_expect(s->window.tables, WINDOW_PT, 1, SPTES_WRITABLE, "guest edits an entry");
}

/*
 * The guest's flush, after which `changed` entries are looked at again: by INVLPG at once, which may map
 * the new pages itself (before 6.4), or when the nested guest is started.
 */
bool tables_flush_maps(struct tables *s, size_t changed)
{
	uint64_t before = 0, after = 0;
	bool counted = vm_pages(&s->vm, &before), maps;

	tables_forget(s);
	if (s->nested || !s->shadowed)
		return false;
	maps = counted && vm_pages(&s->vm, &after) && before == after;
	witness_step(&s->witness, "guest flushes", maps ? &tables_nothing : &(struct step){ .zapped = changed });
	return maps;
}

/* `changed` entries of the same prefetch window were read; maps is tables_flush_maps()'s. */
void tables_changed_were_read(struct tables *s, size_t changed, bool maps)
{
	tables_step(s, "read after the edit", maps ? &tables_nothing : &(struct step){
		.zapped = s->nested ? changed : 0, .faulted = changed, .faults = 1,
	});
}

void tables_read_entry(struct tables *s)
{
	bool maps = tables_flush_maps(s, 1);

	tables_expect_page(s, "after an edit", TABLES_ENTRY, TABLES_OTHER);
	tables_expect_page(s, "after an edit", TABLES_OTHER, TABLES_OTHER);
	tables_expect_page(s, "after an edit", TABLES_ENTRY + 1, TABLES_ENTRY + 1);
	tables_changed_were_read(s, 1, maps);
	if (s->shadowed)
		sptes_expect(s->slot, TABLES_ENTRY, 1, SPTES_NONE, "read after the edit");
	if (s->nested)
		sptes_expect(s->window.tables, WINDOW_PT, 1, SPTES_READ_ONLY, "read after the edit");
}

/*
 * The sptes of a table that nothing points to any more: kept for the next one that does, or, of a
 * nested guest, zapped with it by newer kernels. False: kept, all of them.
 */
static bool left_table_is_zapped(struct tables *s)
{
	struct spte_view views[TABLES_PAGES];
	size_t mapped = 0;

	if (!s->nested || !sptes_read_nested(s->slot, 0, TABLES_PAGES, views))
		return false;
	for (size_t i = 0; i < TABLES_PAGES; i++)
		mapped += views[i].mapped;
	expect(!mapped || mapped >= TABLES_PAGES - 1, "a table is left with %zu of its sptes", mapped);
	return !mapped;
}

/* A table above: KVM has to see the write itself, by which `written` comes to pass. */
bool tables_switch(struct tables *s, const struct step *written, const struct step *read)
{
	struct step step = *written;
	bool zapped;

	tables_edit(s, WINDOW_PD, 0, window_table(&s->window, WINDOW_PT2));
	zapped = left_table_is_zapped(s);
	step.zapped += zapped ? TABLES_PAGES : 0;
	witness_step(&s->witness, "guest switches tables", &step);
	tables_forget(s);
	for (size_t i = 0; i < TABLES_PAGES; i++)
		tables_expect_page(s, "after a switch", i, TABLES_PAGES - 1 - i);
	witness_step(&s->witness, "read after the switch", read);
	return zapped;
}
