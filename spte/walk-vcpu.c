// SPDX-License-Identifier: GPL-2.0-only
/*
 * Without module BTF (before 5.11) nothing tells what struct kvm_mmu_page looks like, but a vCPU's
 * struct kvm_mmu, which vmlinux describes, has the physical address and the level of the root in
 * use. Below a root whose role is direct, gfns follow from the way down; so that can be read
 * soundly, and a shadowing root cannot.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "spte/reader.h"
#include "spte/vm.h"
#include "spte/walk.h"

#define LEVEL_MAX 5
#define NOT_A_ROOT (~0ULL)	/* INVALID_PAGE */

struct root {
	uint64_t hpa, level;
	uint32_t role;
};

static int read_root(struct spte_reader *reader, uint64_t vcpu, struct root *root)
{
	const struct layout *layout = &reader->layout;
	struct field role = field_exists(layout->mmu.role) ? layout->mmu.role
							   : layout->mmu.old_role;
	uint64_t mmu;
	int err = reader_field(reader, vcpu, layout->vcpu.mmu, &mmu);

	if (!err)
		err = reader_field(reader, mmu, layout->mmu.root, &root->hpa);
	if (!err)
		err = reader_field(reader, mmu, layout->mmu.level, &root->level);
	if (!err)
		err = kmem_read_u32(&reader->mem, mmu + role.offset, &root->role);
	return err;
}

static bool is_known(const struct spte_snapshot *snapshot, uint64_t address)
{
	for (size_t i = 0; i < snapshot->count; i++)
		if (snapshot->tables[i].address == address)
			return true;
	return false;
}

static int walk_vcpu(struct spte_reader *reader, uint64_t vcpu, struct spte_snapshot *snapshot)
{
	struct spte_table table = { .mmu = MMU_VCPU };
	struct root root, again;
	int err = read_root(reader, vcpu, &root);

	if (err || root.hpa == NOT_A_ROOT || !root.hpa)
		return err;
	table.role = walk_role(reader, root.role);
	table.role.level = root.level;
	table.address = reader_phys_to_virt(reader, root.hpa & reader->format.pfn_mask);
	if (!table.role.direct || root.level < 4 || root.level > LEVEL_MAX)
		return -EOPNOTSUPP;
	if (is_known(snapshot, table.address))
		return 0;
	err = walk_down(reader, snapshot, table);
	if (!err)
		err = read_root(reader, vcpu, &again);
	if (!err && (again.hpa != root.hpa || again.role != root.role))
		return -EFAULT;
	snapshot->roots++;
	return err;
}

static int walk_each(struct spte_reader *reader, const struct spte_vm *vm,
		     struct spte_snapshot *snapshot)
{
	struct field vcpus = reader->layout.kvm.vcpus;
	int err = 0;

	for (uint32_t i = 0; !err && i < vcpus.size / 8; i++) {
		uint64_t vcpu;

		err = kmem_read_u64(&reader->mem, vm->address + vcpus.offset + i * 8, &vcpu);
		if (!err && vcpu)
			err = walk_vcpu(reader, vcpu, snapshot);
	}
	return err;
}

int walk_vcpus(struct spte_reader *reader, const struct spte_vm *vm, struct spte_snapshot *snapshot)
{
	const struct layout *layout = &reader->layout;
	struct walk_mark mark = walk_mark(snapshot);
	int err = -EFAULT;

	if (!field_exists(layout->kvm.vcpus) || !field_exists(layout->vcpu.mmu) ||
	    !field_exists(layout->mmu.root) || !field_exists(layout->mmu.level))
		return reader_fail(reader, -EOPNOTSUPP,
				   "no BTF of the kvm module, and struct kvm_vcpu is not as expected: nothing tells where the tables are, CONFIG_DEBUG_INFO_BTF_MODULES would");
	for (int i = 0; (err == -EFAULT || err == -EAGAIN) && i < WALK_ATTEMPTS; i++) {
		if (i)
			walk_undo(snapshot, mark);
		err = walk_each(reader, vm, snapshot);
	}
	if (err == -EOPNOTSUPP)
		return reader_fail(reader, err,
				   "no BTF of the kvm module (/sys/kernel/btf/kvm): shadow paging cannot be read without it");
	if (err)
		return reader_fail(reader, err, "the tables of the vCPUs cannot be read: %s", strerror(-err));
	return 0;
}
