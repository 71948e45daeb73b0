/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways to find a VM's tables. Each adds what it finds to a snapshot. */
#ifndef SPTEST_SPTE_WALK_H
#define SPTEST_SPTE_WALK_H

#include <stdint.h>

#include "spte/snapshot.h"

#define PAGE_BYTES 4096
#define WALK_ATTEMPTS 50

/* The roots of the TDP MMU, valid or not, and all below them; nothing where there is no TDP MMU. */
int walk_tdp(struct spte_reader *reader, const struct spte_vm *vm, struct spte_snapshot *snapshot);

/* kvm->arch.active_mmu_pages: the rmap-based MMU, direct and shadowing, also of nested guests. */
int walk_pages(struct spte_reader *reader, const struct spte_vm *vm,
	       struct spte_snapshot *snapshot);

/* The roots that vCPUs use, for kernels that do not tell what a struct kvm_mmu_page looks like. */
int walk_vcpus(struct spte_reader *reader, const struct spte_vm *vm,
	       struct spte_snapshot *snapshot);

/* A table and all below it, as far as they can be told by walking: direct ones. */
int walk_down(struct spte_reader *reader, struct spte_snapshot *snapshot, struct spte_table table);

/* struct kvm_mmu_page, as far as it matters here. */
struct walk_page {
	uint64_t next, previous;	/* of its list */
	uint64_t gfn, spt, translation, gfns;
	uint32_t role_word;
};

/* The page whose list_head is at `node`. */
int walk_read_page(struct spte_reader *reader, uint64_t node, struct walk_page *page);
struct spte_role walk_role(const struct spte_reader *reader, uint32_t word);

/* Forgets what was added since the snapshot had this many tables and pages. */
struct walk_mark {
	size_t count, page_count;
	unsigned int roots, invalid_roots;
};
struct walk_mark walk_mark(const struct spte_snapshot *snapshot);
void walk_undo(struct spte_snapshot *snapshot, struct walk_mark mark);

#endif
