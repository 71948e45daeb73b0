/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests of shadowed page tables have in common: one vCPU edits the tables of a window (window.h),
 * the other one reads through it; they are the guest's own, or nested page tables and the reader a
 * nested guest. Failures end the case.
 */
#ifndef SPTEST_LIB_X86_TABLES_H
#define SPTEST_LIB_X86_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/kvm.h"
#include "lib/witness.h"
#include "lib/x86/window.h"

#define TABLES_PAGES 64
#define TABLES_ENTRY 3		/* that is changed, to: */
#define TABLES_OTHER 40

/* WINDOW_PT maps page i of the slot at i, WINDOW_PT2 at TABLES_PAGES - 1 - i. */
struct tables {
	struct vm vm;
	struct vcpu *editor, *reader;
	struct memslot *slot, view;
	struct window window;
	struct witness witness;
	bool nested;	/* they are nested page tables; else the guest's own */
	bool shadowed;	/* by KVM, and not walked by the CPU */
};

/* For witness steps: nothing at all; all of the window is mapped through a table that was not shadowed. */
extern const struct step tables_nothing, tables_all_anew;

/*
 * All of the window has been read. The tables are mapped for the editor, and so for the CPU where it
 * walks them. Ends the case as skipped where this KVM has no nested paging and `nested` asks for it.
 */
void tables_set_up(struct tables *s, bool nested);

/* `step` is what comes of it where KVM shadows the tables; elsewhere nothing does. */
void tables_step(struct tables *s, const char *what, const struct step *step);

/* The guest writes an entry; the guest drops what its TLB has of the window, as it must after that. */
void tables_edit(struct tables *s, enum window_table table, size_t index, uint64_t value);
void tables_forget(struct tables *s);

/* The reader finds that page of the slot at that page of the window. */
void tables_expect_page(struct tables *s, const char *what, size_t at, size_t page);

/* TABLES_OTHER comes to be at TABLES_ENTRY as well: the write to a table in use; what the reader finds. */
void tables_edit_entry(struct tables *s);
void tables_read_entry(struct tables *s);

/*
 * The two halves of the latter, for any `changed` entries of the same prefetch window: the flush, whose
 * result is whether it maps their new pages itself, and the step after they were read.
 */
bool tables_flush_maps(struct tables *s, size_t changed);
void tables_changed_were_read(struct tables *s, size_t changed, bool maps);

/*
 * The guest has the window's first 2 MiB in WINDOW_PT2, and all is read there. The steps are what the
 * write and what the reads come to. True: the table that was left is zapped, with all of its sptes.
 */
bool tables_switch(struct tables *s, const struct step *written, const struct step *read);

#endif
