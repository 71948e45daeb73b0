/* SPDX-License-Identifier: GPL-2.0-only */
/* The memslots of a VM: which guest memory is which memory of its owner. */
#ifndef SPTEST_SPTE_SLOTS_H
#define SPTEST_SPTE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spte_reader;
struct spte_vm;

struct spte_slot {
	uint64_t gfn, pages;	/* pages of 4 KiB */
	uint64_t hva;
	uint32_t flags;		/* KVM_MEM_... */
	int16_t id;
	uint16_t space;		/* address space: 0, or 1 for SMM */
};

struct spte_slots {
	struct spte_slot *slots;	/* by address space and gfn */
	size_t count;
	unsigned int spaces;
	uint64_t generation[8];		/* of each address space */
};

/* -errno with reader->error; spte_slots_free() only after success. */
int spte_slots_read(struct spte_reader *reader, const struct spte_vm *vm, struct spte_slots *slots);
void spte_slots_free(struct spte_slots *slots);

/* The memslot of a gfn in an address space, or NULL. */
const struct spte_slot *spte_slots_find(const struct spte_slots *slots, unsigned int space,
					uint64_t gfn);

static inline bool spte_slot_has(const struct spte_slot *slot, unsigned int space, uint64_t gfn)
{
	return slot->space == space && gfn - slot->gfn < slot->pages;
}

static inline uint64_t spte_slot_hva(const struct spte_slot *slot, uint64_t gfn)
{
	return slot->hva + ((gfn - slot->gfn) << 12);
}

#endif
