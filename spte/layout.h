/* SPDX-License-Identifier: GPL-2.0-only */
/* Where this kernel keeps what the reader needs, by name from its BTF. */
#ifndef SPTEST_SPTE_LAYOUT_H
#define SPTEST_SPTE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A member, counted from the start of the outermost structure. size 0: this kernel has none. */
struct field {
	uint32_t offset;	/* bytes; for a bit field, of its first byte */
	uint32_t size;		/* bytes; of a whole array */
	uint8_t bit, bits;	/* a bit field's first bit and width in that place; else 0 */
};

struct layout {
	struct {
		struct field vm_list, pid, mm, dentry;
		struct field memslots;		/* struct kvm_memslots *[address space] */
		struct field tdp_roots, active_pages, vcpus;
		struct field pages_4k, pages_2m, pages_1g;
		struct field mmio_value, direct_bits;
	} kvm;
	struct {
		struct field link, role, gfn, spt, translation, gfns;
		struct field tdp, root_count;
		uint32_t size;
	} page;				/* struct kvm_mmu_page */
	struct {
		struct field level, direct, invalid, smm, guest_mode, passthrough, mirror;
	} role;				/* union kvm_mmu_page_role */
	struct {
		struct field generation, gfn_tree, node_idx;	/* ordered by an rbtree, or */
		struct field array, used;			/* older: an array */
	} slots;			/* struct kvm_memslots */
	struct {
		struct field gfn_node, base_gfn, npages, hva, flags, id;
		uint32_t size;
	} slot;				/* struct kvm_memory_slot */
	struct {
		struct field mmu;
	} vcpu;
	struct {
		struct field root, level, role, old_role;
	} mmu;				/* struct kvm_mmu */
	struct {
		struct field name;
	} dentry;
	struct {
		struct field pgd;
	} mm;
};

/*
 * From /sys/kernel/btf. -errno with one line in error. That a member is missing is no error here:
 * who needs it says so with layout_missing().
 */
int layout_read(struct layout *layout, char *error, size_t size);

/* Of what is looked for and where it goes, on top of another hash. */
uint64_t layout_hash(uint64_t hash);

static inline bool field_exists(struct field field)
{
	return field.size;
}

/* The value of a bit field of a word that begins where the field's offsets are counted from. */
static inline uint64_t field_bits(struct field field, uint64_t word)
{
	return word >> (field.offset * 8 + field.bit) & ((1ULL << field.bits) - 1);
}

#endif
