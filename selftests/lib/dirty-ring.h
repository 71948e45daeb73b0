/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's other log of what a guest wrote: a ring of page numbers for each vCPU, of memslots that are
 * logged. Failures end the case.
 */
#ifndef SPTEST_LIB_DIRTY_RING_H
#define SPTEST_LIB_DIRTY_RING_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/kvm.h"

/* How many entries a ring may have; 0: this KVM has none. */
size_t dirty_ring_entries_max(void);

/* The smallest that there may be, where there are any. */
size_t dirty_ring_entries_min(void);

/* Before the VM has a vCPU; a power of two. For vm_create_with_ring(). */
void dirty_ring_enable(struct vm *vm, size_t entries);

struct dirty_ring {
	struct vcpu *vcpu;
	struct kvm_dirty_gfn *entry;
	size_t entries, next;
};

/* Until the end of the case. */
void dirty_ring_map(struct dirty_ring *ring, struct vcpu *vcpu, size_t entries);

/*
 * Takes the entries out that are there, each naming a page of this memslot, and sets those pages in
 * `dirty`. Returns how many entries: a page that lost its spte has one for each time it was mapped again.
 */
size_t dirty_ring_harvest(struct dirty_ring *ring, const struct memslot *slot, bool *dirty);

/*
 * Of a vCPU that KVM stopped as its ring is full, in the thread that runs it: whether KVM says so again when it is
 * to go on.
 */
bool dirty_ring_still_full(const struct dirty_ring *ring);

/* What was harvested from rings of the VM is write-protected again; returns how many entries. */
size_t dirty_ring_reset(const struct vm *vm);

#endif
