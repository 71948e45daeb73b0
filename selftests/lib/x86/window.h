/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GiB of addresses that a test guest sees through page tables in a memslot of their own, which the
 * test, its guest and the host's memory management may change. They are the guest's own page tables,
 * or a hypervisor's nested ones; both have the same format. Failures end the case.
 */
#ifndef SPTEST_LIB_X86_WINDOW_H
#define SPTEST_LIB_X86_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "lib/kvm.h"

/* Pages of window.tables. The last three are there for nested page tables only. */
enum window_table {
	WINDOW_PD,	/* entry i: where 2 MiB number i of the window is */
	WINDOW_PT,	/* in use by entry 0 after window_create(), and empty */
	WINDOW_PT2,	/* in use by nobody, and empty */
	WINDOW_PT3,
	WINDOW_PML4, WINDOW_PDPT, WINDOW_SYSTEM_PD,
	WINDOW_TABLES
};

#define WINDOW_WRITABLE 2UL

struct window {
	struct memslot *tables;
};

void window_create(struct window *window, struct vm *vm);

/* It is the guest's own: before the first access to it. */
void window_attach(struct window *window);

/* It is nested, for svm_begin(). Below the window is the test guest itself, as 2 MiB 1:1. */
uint64_t window_nested_cr3(struct window *window);

/* An entry as the owner of the memory sees it, and where the guest does. */
uint64_t *window_entry(const struct window *window, enum window_table table, size_t index);
uint64_t window_entry_gpa(const struct window *window, enum window_table table, size_t index);

/* What to write there: a page of a memslot, 2 MiB from such a page on, another table. */
uint64_t window_page(const struct memslot *slot, size_t page);
uint64_t window_large_page(const struct memslot *slot, size_t page);
uint64_t window_table(const struct window *window, enum window_table table);

/* By the owner: so many pages of a memslot, from entry `index` of a table of 4 KiB pages on. */
void window_map(const struct window *window, enum window_table table, size_t index,
		const struct memslot *slot, size_t first, size_t count);

/* By the guest, which writes one entry and does nothing else; vcpu_run()'s result. */
int window_write(const struct window *window, struct vcpu *vcpu, enum window_table table,
		 size_t index, uint64_t value);

/* For lib/guest.h: `slot` as it is seen in the window if entry 0 of 2 MiB `number` maps its page 0. */
struct memslot window_view(const struct memslot *slot, size_t number);

#endif
