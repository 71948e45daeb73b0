/* SPDX-License-Identifier: GPL-2.0-only */
/* The secondary page tables of a VM as they were read: whole tables, each with what it maps. */
#ifndef SPTEST_SPTE_SNAPSHOT_H
#define SPTEST_SPTE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spte/format.h"

#define SPTE_ENTRIES 512
#define NO_PAGE SIZE_MAX

struct spte_reader;
struct spte_vm;

/* How the table was found, which is also what it is. */
enum spte_mmu {
	MMU_TDP,	/* under a root of the TDP MMU */
	MMU_PAGES,	/* among the VM's shadow pages: direct or shadow paging */
	MMU_VCPU,	/* under a root that a vCPU uses */
};

struct spte_role {
	uint8_t level;		/* of the table's entries: 1 maps 4 KiB each, 2 2 MiB, 3 1 GiB */
	uint8_t space;		/* address space of the memslots: 1 for SMM */
	bool direct;		/* entry i maps gfn + i pages of its level; else translation says */
	bool invalid;		/* about to be freed; no vCPU uses it any more */
	bool guest_mode;	/* of a nested guest */
	bool passthrough;	/* all entries map the same gfn */
	bool mirror;		/* of memory that only the guest can read */
};

struct spte_table {
	uint64_t address;	/* of entry 0, in the kernel */
	uint64_t gfn;		/* that entry 0 maps, in pages of 4 KiB */
	struct spte_role role;
	enum spte_mmu mmu;
	size_t entries;		/* index of snapshot->pages */
	size_t translation;	/* the same, or NO_PAGE */
	uint8_t translation_shift;
};

struct spte_snapshot {
	struct spte_table *tables;
	size_t count, capacity;
	uint64_t (*pages)[SPTE_ENTRIES];
	size_t page_count, page_capacity;
	unsigned int roots, invalid_roots;
	unsigned int retries;		/* times that something changed under the reader */
	bool partial;			/* only what vCPUs use right now could be read */
	bool counted;			/* KVM counts its leaf sptes: */
	uint64_t before[3], after[3];	/* its counts before and after reading, by level */
};

struct spte_leaf {
	const struct spte_table *table;
	unsigned int index, level;
	uint64_t spte, gfn;
	enum spte_state state;		/* SPTE_LEAF or SPTE_MMIO */
};

/* Where an iteration stands; zero at its start. */
struct spte_cursor {
	size_t table;
	unsigned int index;
};

/*
 * All tables of the VM. A table that was freed or changed hands while it was read is read again.
 * -errno with reader->error (-EAGAIN: it never held still, -EOPNOTSUPP: this kernel does not tell
 * enough); spte_snapshot_free() only after success.
 */
int spte_snapshot_take(struct spte_reader *reader, const struct spte_vm *vm,
		       struct spte_snapshot *snapshot);
void spte_snapshot_free(struct spte_snapshot *snapshot);

/* The next leaf or MMIO spte, in the order of tables; false: that was the last. */
bool spte_snapshot_next(const struct spte_format *format, const struct spte_snapshot *snapshot,
			struct spte_cursor *cursor, struct spte_leaf *leaf);

/* 4 KiB pages that an entry of that level maps. */
static inline uint64_t spte_level_pages(unsigned int level)
{
	return 1ULL << (9 * (level - 1));
}

/* For those who fill one: a page, a table; -ENOMEM. What was added since can be taken back. */
int snapshot_add_page(struct spte_snapshot *snapshot, size_t *index);
int snapshot_add_table(struct spte_snapshot *snapshot, const struct spte_table *table);

#endif
