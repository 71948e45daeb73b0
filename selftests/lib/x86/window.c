// SPDX-License-Identifier: GPL-2.0-only
#include "lib/x86/window.h"

#include <string.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/x86/layout.h"

/* Accessed and dirty from the start: nobody but the test changes an entry. */
#define ENTRY 0x67UL		/* present, writable, user, accessed, dirty */
#define ENTRY_LARGE 0xe7UL

#define GIB 3UL			/* above all memslots, see vm_add_memslot() */
#define LARGE_PAGE (512 * GUEST_PAGE)

void window_create(struct window *window, struct vm *vm)
{
	void *memory = memory_alloc(WINDOW_TABLES);

	memset(memory, 0, WINDOW_TABLES * GUEST_PAGE);
	window->tables = vm_add_memslot(vm, memory, WINDOW_TABLES);
	*window_entry(window, WINDOW_PD, 0) = window_table(window, WINDOW_PT);
}

void window_attach(struct window *window)
{
	uint64_t *pdpt = (void *)((char *)window->tables->vm->system + GUEST_PDPT_GPA);

	pdpt[GIB] = window_table(window, WINDOW_PD);
}

uint64_t window_nested_cr3(struct window *window)
{
	*window_entry(window, WINDOW_PML4, 0) = window_table(window, WINDOW_PDPT);
	*window_entry(window, WINDOW_PDPT, 0) = window_table(window, WINDOW_SYSTEM_PD);
	*window_entry(window, WINDOW_PDPT, GIB) = window_table(window, WINDOW_PD);
	*window_entry(window, WINDOW_SYSTEM_PD, 0) = ENTRY_LARGE;
	return window_entry_gpa(window, WINDOW_PML4, 0);
}

uint64_t *window_entry(const struct window *window, enum window_table table, size_t index)
{
	return (uint64_t *)slot_page(window->tables, table) + index;
}

uint64_t window_entry_gpa(const struct window *window, enum window_table table, size_t index)
{
	return window->tables->gpa + table * GUEST_PAGE + index * sizeof(uint64_t);
}

uint64_t window_page(const struct memslot *slot, size_t page)
{
	return (slot->gpa + page * GUEST_PAGE) | ENTRY;
}

uint64_t window_large_page(const struct memslot *slot, size_t page)
{
	return (slot->gpa + page * GUEST_PAGE) | ENTRY_LARGE;
}

uint64_t window_table(const struct window *window, enum window_table table)
{
	return window_page(window->tables, table);
}

void window_map(const struct window *window, enum window_table table, size_t index,
		const struct memslot *slot, size_t first, size_t count)
{
	for (size_t i = 0; i < count; i++)
		*window_entry(window, table, index + i) = window_page(slot, first + i);
}

int window_write(const struct window *window, struct vcpu *vcpu, enum window_table table,
		 size_t index, uint64_t value)
{
	struct memslot entry = *window->tables;

	entry.gpa = window_entry_gpa(window, table, index);
	return guest_write(vcpu, &entry, 0, value);
}

struct memslot window_view(const struct memslot *slot, size_t number)
{
	struct memslot view = *slot;

	view.gpa = (GIB << 30) + number * LARGE_PAGE;
	return view;
}
