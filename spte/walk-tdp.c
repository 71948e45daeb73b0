// SPDX-License-Identifier: GPL-2.0-only
/* kvm->arch.tdp_mmu_roots: a list of struct kvm_mmu_page, each the root of a tree of tables. */
#include <errno.h>
#include <string.h>

#include "spte/reader.h"
#include "spte/vm.h"
#include "spte/walk.h"

#define ROOTS_MAX 1024
#define LEVEL_MAX 5

static int walk_root(struct spte_reader *reader, struct spte_snapshot *snapshot, uint64_t node,
		     uint64_t *next, uint64_t direct_bits)
{
	struct walk_page page, again;
	struct spte_table table = { .mmu = MMU_TDP };
	int err = walk_read_page(reader, node, &page);

	if (err)
		return err;
	table.address = page.spt;
	table.gfn = page.gfn & ~direct_bits;
	table.role = walk_role(reader, page.role_word);
	if (!table.role.level || table.role.level > LEVEL_MAX)
		return -EFAULT;
	err = walk_down(reader, snapshot, table);
	if (!err)
		err = walk_read_page(reader, node, &again);
	if (err)
		return err;
	if (again.spt != page.spt || again.role_word != page.role_word)
		return -EFAULT;
	snapshot->roots++;
	snapshot->invalid_roots += table.role.invalid;
	*next = again.next;
	return 0;
}

/* -EFAULT: the list or a root changed meanwhile. */
static int walk_roots(struct spte_reader *reader, const struct spte_vm *vm,
		      struct spte_snapshot *snapshot)
{
	uint64_t head = vm->address + reader->layout.kvm.tdp_roots.offset;
	uint64_t node, direct_bits = 0;
	int err = kmem_read_u64(&reader->mem, head, &node);

	if (field_exists(reader->layout.kvm.direct_bits))
		reader_field(reader, vm->address, reader->layout.kvm.direct_bits, &direct_bits);
	/* A list that was never initialised is all zero. */
	for (int i = 0; !err && node && node != head; i++) {
		if (i >= ROOTS_MAX)
			return -EFAULT;
		err = walk_root(reader, snapshot, node, &node, direct_bits);
	}
	return err;
}

int walk_tdp(struct spte_reader *reader, const struct spte_vm *vm, struct spte_snapshot *snapshot)
{
	struct walk_mark mark = walk_mark(snapshot);
	int err = -EFAULT;

	if (!field_exists(reader->layout.kvm.tdp_roots))
		return 0;
	for (int i = 0; (err == -EFAULT || err == -EAGAIN) && i < WALK_ATTEMPTS; i++) {
		if (i)
			walk_undo(snapshot, mark);
		err = walk_roots(reader, vm, snapshot);
	}
	if (err)
		return reader_fail(reader, err, "the TDP MMU's tables cannot be read: %s",
				   err == -EAGAIN || err == -EFAULT ? "they keep changing, try --freeze"
								    : strerror(-err));
	return 0;
}
