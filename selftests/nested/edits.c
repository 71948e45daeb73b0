// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest changes page tables that KVM may have shadowed, its own ones or the nested ones of its guest:
 * an entry, a table above it, rights. Whoever uses them finds what they say now.
 */
#include <errno.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/x86/svm.h"
#include "lib/x86/tables.h"

static void entry(bool nested)
{
	struct tables s;

	tables_set_up(&s, nested);
	tables_edit_entry(&s);
	tables_read_entry(&s);
	tables_edit(&s, WINDOW_PT, TABLES_ENTRY, window_page(s.slot, TABLES_ENTRY));
	tables_forget(&s);
	require(!guest_check(s.reader, &s.view, 0, TABLES_PAGES, 1), "nothing can be read in the window");
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 1), 0, TABLES_PAGES);
}

static uint64_t count(struct tables *s, const char *name)
{
	uint64_t value = 0;

	vm_vcpu_stat(&s->vm, name, &value);
	return value;
}

/* One fault finds the table that was left, with all that it had, unless that was zapped. */
static void read_again(struct tables *s, bool zapped)
{
	uint64_t fixed = count(s, "pf_fixed"), spurious = count(s, "pf_spurious");

	tables_forget(s);
	require(!guest_check(s->reader, &s->view, 0, TABLES_PAGES, 1), "nothing can be read in the window");
	fixed = count(s, "pf_fixed") - fixed;
	spurious = count(s, "pf_spurious") - spurious;
	/* Newer kernels say that it was spurious, as the spte was there. */
	expect(zapped || !s->shadowed || !s->witness.counters || fixed + spurious == 1,
	       "%lu faults were fixed and %lu spurious in a table that was there", fixed, spurious);
	tables_step(s, "read after switching back", zapped ? &tables_all_anew :
			 &(struct step){ .faults = fixed });
}

static void table(bool nested)
{
	struct tables s;
	bool zapped;

	tables_set_up(&s, nested);
	zapped = tables_switch(&s, &tables_nothing, s.shadowed ? &tables_all_anew : &tables_nothing);
	tables_edit(&s, WINDOW_PD, 0, window_table(&s.window, WINDOW_PT));
	witness_step(&s.witness, "guest switches back", &(struct step){ .zapped = zapped ? TABLES_PAGES : 0 });
	read_again(&s, zapped);
}

/* What a hypervisor does not map, or not so, its guest's access comes back to it. */
static void expect_exit(struct tables *s, bool write, bool present)
{
	uint64_t value;
	int err;

	tables_forget(s);
	err = write ? guest_write(s->reader, &s->view, TABLES_ENTRY, 1) :
		      guest_read(s->reader, &s->view, TABLES_ENTRY, &value);
	if (!expect(err == -ENXIO, "the nested guest %s what its hypervisor does not let it (%d)",
		    write ? "writes" : "reads", err))
		return;
	expect(svm_fault(s->reader).gpa / GUEST_PAGE == s->view.gpa / GUEST_PAGE + TABLES_ENTRY &&
	       svm_fault(s->reader).present == present && svm_fault(s->reader).write == write,
	       "the hypervisor is told of %#lx (present %d, write %d)", svm_fault(s->reader).gpa,
	       svm_fault(s->reader).present, svm_fault(s->reader).write);
}

static void nested_rights(void)
{
	struct tables s;

	tables_set_up(&s, true);
	tables_edit(&s, WINDOW_PT, TABLES_ENTRY, 0);
	expect_exit(&s, false, false);
	witness_step(&s.witness, "entry cleared", &(struct step){ .zapped = 1, .upgraded = 1 });
	sptes_expect_nested(s.slot, TABLES_ENTRY, 1, SPTES_NONE, "entry cleared");

	tables_edit(&s, WINDOW_PT, TABLES_ENTRY, window_page(s.slot, TABLES_ENTRY) & ~WINDOW_WRITABLE);
	expect_exit(&s, true, true);
	tables_expect_page(&s, "entry read-only", TABLES_ENTRY, TABLES_ENTRY);
	witness_step(&s.witness, "entry read-only", &(struct step){ .faulted = 1, .faults = 2 });
	sptes_expect_nested(s.slot, TABLES_ENTRY, 1, SPTES_READ_ONLY, "entry read-only");
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

const struct test test = {
	.name = "edits",
	.group = "nested",
	.proves = "KVM follows a guest's changes of page tables that it has shadowed",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "own-entry", own_entry },
		{ "nested-entry", nested_entry },
		{ "own-table", own_table },
		{ "nested-table", nested_table },
		{ "nested-rights", nested_rights },
	},
};
