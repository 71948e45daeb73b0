/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel of our own making for the spte reader: a few pages of RAM in which a VM with memslots, its
 * tables and its owner's page table are written down, in a layout that no real kernel has.
 */
#ifndef SPTEST_TEST_FAKE_KERNEL_H
#define SPTEST_TEST_FAKE_KERNEL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "spte/coherence.h"
#include "spte/reader.h"
#include "spte/slots.h"
#include "spte/snapshot.h"
#include "spte/totals.h"
#include "spte/vm.h"

#define BASE 0xffff888000000000ULL
#define RAM_PAGES 256
#define PAGE 4096ULL

#define SPTE_P (1ULL << 0)
#define SPTE_W (1ULL << 1)
#define SPTE_A (1ULL << 5)
#define SPTE_D (1ULL << 6)
#define SPTE_LARGE (1ULL << 7)
#define SPTE_HOST_W (1ULL << 9)
#define SPTE_MMU_W (1ULL << 10)
#define SPTE_MMU_P (1ULL << 11)
#define SPTE_NX (1ULL << 63)
#define MMIO_MAGIC (1ULL << 51 | 1)

#define TABLE_BITS (SPTE_MMU_P | SPTE_P | SPTE_W)
#define LEAF_RO (SPTE_MMU_P | SPTE_P | SPTE_A)
#define LEAF_RW (LEAF_RO | SPTE_W | SPTE_D | SPTE_HOST_W | SPTE_MMU_W)

#define PTE_RW 0x867ULL		/* present, writable, user, accessed, dirty */
#define PTE_RO 0x825ULL

#define ROLE(level) ((level) | 1u << 7)	/* direct */
#define ROLE_SHADOW(level) (level)
#define ROLE_INVALID (1u << 11)
#define ROLE_SMM (1u << 24)

#define HVA 0x7f0000000000ULL
#define GFN 0x10000ULL
#define SLOT_PAGES 2048ULL
#define PID 4242

struct fake {
	uint8_t ram[RAM_PAGES][PAGE];
	uint64_t used;			/* pages */
	struct spte_reader reader;
	struct spte_vm vm;
	uint64_t kvm, root, pgd, slots[2];
	uint64_t watched;		/* physical page: on_read() after each read of it */
	void (*on_read)(struct fake *fake);
};

static inline uint64_t fake_page(struct fake *fake)
{
	return fake->used++ * PAGE;
}

static inline uint64_t *fake_u64(struct fake *fake, uint64_t physical)
{
	return (uint64_t *)((uint8_t *)fake->ram + physical);
}

static inline int fake_read(struct kmem *mem, uint64_t address, void *buf, size_t size)
{
	struct fake *fake = mem->source;

	if (address < BASE || address - BASE > sizeof(fake->ram) - size)
		return -EFAULT;
	memcpy(buf, (uint8_t *)fake->ram + (address - BASE), size);
	if (fake->on_read && fake->watched && (address - BASE) / PAGE == fake->watched / PAGE)
		fake->on_read(fake);
	return 0;
}

static inline void fake_layout(struct layout *layout)
{
	*layout = (struct layout){
		.kvm = {
			.vm_list = { 0, 16, 0, 0 }, .pid = { 16, 4, 0, 0 }, .mm = { 24, 8, 0, 0 },
			.memslots = { 32, 16, 0, 0 }, .tdp_roots = { 64, 16, 0, 0 },
			.active_pages = { 80, 16, 0, 0 }, .pages_4k = { 96, 8, 0, 0 },
			.pages_2m = { 104, 8, 0, 0 }, .pages_1g = { 112, 8, 0, 0 },
		},
		.page = {
			.link = { 8, 16, 0, 0 }, .role = { 24, 4, 0, 0 }, .gfn = { 32, 8, 0, 0 },
			.spt = { 40, 8, 0, 0 }, .translation = { 48, 8, 0, 0 }, .size = 64,
		},
		.role = {
			.level = { 0, 4, 0, 4 }, .direct = { 0, 4, 7, 1 }, .invalid = { 1, 4, 3, 1 },
			.smm = { 3, 4, 0, 8 },
		},
		.slots = {
			.generation = { 0, 8, 0, 0 }, .gfn_tree = { 8, 8, 0, 0 },
			.node_idx = { 16, 4, 0, 0 },
		},
		.slot = {
			.gfn_node = { 0, 48, 0, 0 }, .base_gfn = { 48, 8, 0, 0 },
			.npages = { 56, 8, 0, 0 }, .hva = { 64, 8, 0, 0 }, .flags = { 72, 4, 0, 0 },
			.id = { 76, 2, 0, 0 }, .size = 80,
		},
		.mm = { .pgd = { 0, 8, 0, 0 } },
	};
}

static inline void fake_list_init(struct fake *fake, uint64_t head)
{
	fake_u64(fake, head)[0] = fake_u64(fake, head)[1] = BASE + head;
}

static inline void fake_list_add(struct fake *fake, uint64_t head, uint64_t node)
{
	uint64_t last = fake_u64(fake, head)[1];

	fake_u64(fake, node)[0] = BASE + head;
	fake_u64(fake, node)[1] = last;
	fake_u64(fake, last - BASE)[0] = BASE + node;
	fake_u64(fake, head)[1] = BASE + node;
}

/* The entry for a page number in a table of that level, tables on the way made as needed. */
static inline uint64_t *fake_entry(struct fake *fake, uint64_t table, unsigned int top,
				   unsigned int level, uint64_t page, uint64_t bits)
{
	for (unsigned int l = top;; l--) {
		uint64_t *entry = fake_u64(fake, table) + (page >> (9 * (l - 1)) & 511);

		if (l == level)
			return entry;
		if (!*entry)
			*entry = fake_page(fake) | bits;
		table = *entry & 0xffffffffff000ULL;
	}
}

static inline uint64_t *fake_spte(struct fake *fake, uint64_t gfn, unsigned int level)
{
	return fake_entry(fake, fake->root, 4, level, gfn, TABLE_BITS);
}

static inline uint64_t *fake_pte(struct fake *fake, uint64_t hva, unsigned int level)
{
	return fake_entry(fake, fake->pgd, 4, level, hva >> 12, PTE_RW);
}

/* A struct kvm_mmu_page on one of the VM's two lists; returns its table. */
static inline uint64_t fake_mmu_page(struct fake *fake, uint32_t list, uint32_t role, uint64_t gfn,
				     uint64_t translation)
{
	uint64_t page = fake_page(fake), spt = fake_page(fake);

	memcpy((uint8_t *)fake_u64(fake, page) + 24, &role, sizeof(role));
	fake_u64(fake, page)[4] = gfn;
	fake_u64(fake, page)[5] = BASE + spt;
	fake_u64(fake, page)[6] = translation ? BASE + translation : 0;
	fake_list_add(fake, fake->kvm + list, page + 8);
	return spt;
}

/* Two memslots in one space as a tree of two nodes: the second is the first one's left child. */
static inline uint64_t fake_slot(struct fake *fake, uint64_t gfn, uint64_t pages, uint64_t hva,
				 uint16_t id, uint64_t left)
{
	uint64_t slot = fake_page(fake);

	fake_u64(fake, slot)[3 + 2] = left ? BASE + left + 24 : 0;	/* node 1: parent, right, left */
	fake_u64(fake, slot)[6] = gfn;
	fake_u64(fake, slot)[7] = pages;
	fake_u64(fake, slot)[8] = hva;
	memcpy((uint8_t *)fake_u64(fake, slot) + 76, &id, sizeof(id));
	return slot;
}

static inline uint64_t fake_slots(struct fake *fake, uint64_t root)
{
	uint64_t set = fake_page(fake);

	fake_u64(fake, set)[0] = 6;				/* generation */
	fake_u64(fake, set)[1] = root ? BASE + root + 24 : 0;
	fake_u64(fake, set)[2] = 1;				/* node_idx */
	return set;
}

static inline void fake_vm(struct fake *fake, uint64_t kvm, uint32_t pid, uint64_t mm)
{
	memcpy((uint8_t *)fake_u64(fake, kvm) + 16, &pid, sizeof(pid));
	fake_u64(fake, kvm)[3] = BASE + mm;
	fake_list_init(fake, kvm + 64);
	fake_list_init(fake, kvm + 80);
	fake_list_add(fake, 0, kvm);
}

/* Page 0 holds vm_list; one VM, two memslots (GFN at HVA; gfn 16 one page), a TDP root, no leaf. */
static inline void fake_make(struct fake *fake)
{
	uint64_t mm, low;

	memset(fake, 0, sizeof(*fake));
	fake_page(fake);
	fake_list_init(fake, 0);
	fake_layout(&fake->reader.layout);
	fake->reader.mem = (struct kmem){ .read = fake_read, .source = fake };
	fake->reader.symbols.address[SYM_VM_LIST] = BASE;
	fake->reader.direct_map = BASE;
	fake->reader.physical_mask = 0xffffffffff000ULL;
	fake->reader.pgd_shift = 39;
	fake->reader.format = (struct spte_format){
		.mmu_present = SPTE_MMU_P, .hw_present = SPTE_P, .pfn_mask = 0x7fffffffff000ULL,
		.accessed = SPTE_A, .dirty = SPTE_D, .nx = SPTE_NX, .host_writable = SPTE_HOST_W,
		.mmu_writable = SPTE_MMU_W, .mmio_value = MMIO_MAGIC, .mmio_mask = MMIO_MAGIC,
		.mmio_gfn_low = 0x7fffffffff000ULL,
	};
	fake->kvm = fake_page(fake);
	mm = fake_page(fake);
	fake->pgd = fake_page(fake);
	fake_u64(fake, mm)[0] = BASE + fake->pgd;
	fake_vm(fake, fake->kvm, PID, mm);
	low = fake_slot(fake, 16, 1, HVA + (1ULL << 30), 0, 0);
	fake->slots[0] = fake_slots(fake, fake_slot(fake, GFN, SLOT_PAGES, HVA, 1, low));
	fake->slots[1] = fake_slots(fake, fake_slot(fake, 48, 1, HVA + (2ULL << 30), 2, 0));
	fake_u64(fake, fake->kvm)[4] = BASE + fake->slots[0];
	fake_u64(fake, fake->kvm)[5] = BASE + fake->slots[1];
	fake->root = fake_mmu_page(fake, 64, ROLE(4), 0, 0);
	spte_vm_find(&fake->reader, PID, -1, &fake->vm);
}

/* Page `i` of the memslot at GFN is there on both sides, and writable. */
static inline void fake_map(struct fake *fake, uint64_t i, uint64_t pfn)
{
	*fake_pte(fake, HVA + i * PAGE, 1) = pfn << 12 | PTE_RW;
	*fake_spte(fake, GFN + i, 1) = pfn << 12 | LEAF_RW;
	fake_u64(fake, fake->kvm)[12]++;
}

#endif
