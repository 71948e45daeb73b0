/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests of nested guests begin with: a VM with two vCPUs and a data memslot. The one runs the
 * guest, the other one the guest's own guest, which sees the same memory in a window of nested page
 * tables. The nested guest's pages have sptes of its own, beside those of the guest.
 */
#ifndef SPTEST_LIB_X86_NESTED_H
#define SPTEST_LIB_X86_NESTED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/kvm.h"
#include "lib/witness.h"
#include "lib/x86/window.h"

struct nested {
	struct vm vm;
	struct vcpu *guest, *nested;
	struct memslot *slot;
	struct memslot view;	/* the slot as the nested guest finds it */
	struct window window;	/* with paging only */
	struct witness witness;
	bool paging;		/* by nested page tables; else under the guest's physical addresses */
};

/*
 * Over memory of the caller; ends the case as skipped where this KVM has no such guest. Nobody has
 * touched the slot, and the witnesses stand at that. With paging, pages <= 512 are mapped one by one.
 */
void nested_set_up(struct nested *n, bool paging, void *memory, size_t pages);

/*
 * The same where both vCPUs may run at once: if `nested` is false, both run the guest, and `view` is the
 * slot; else the second one's nested guest has paging if this KVM has it.
 */
void nested_set_up_pair(struct nested *n, bool nested, void *memory, size_t pages);

/* Has this KVM nested paging for guests? Where it has none, a nested guest can do without. */
bool nested_paging(void);

/* All of the slot: checked against that version, every page mapped by a fault that this finds missing. */
void nested_guest_reads(struct nested *n, unsigned int version);
void nested_reads(struct nested *n, unsigned int version);

/* Is that part as expected in the nested guest, with so many sptes made for it? */
void nested_check(struct nested *n, const char *what, size_t first, size_t count,
		  unsigned int version, size_t faulted);

/* For step.faults: nested faults that `count` pages take if the host has them all. 0: not told. */
size_t nested_faults(const struct nested *n, size_t first, size_t count);

#endif
