// SPDX-License-Identifier: GPL-2.0-only
#include "spte/layout.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define VMLINUX "/sys/kernel/btf/vmlinux"
#define MODULE "/sys/kernel/btf/kvm"

enum root { KVM, PAGE, ROLE, SLOTS, SLOT, VCPU, MMU, DENTRY, MM, ROOT_COUNT };

static const char *const root_names[ROOT_COUNT] = {
	[KVM] = "kvm", [PAGE] = "kvm_mmu_page", [ROLE] = "kvm_mmu_page_role",
	[SLOTS] = "kvm_memslots", [SLOT] = "kvm_memory_slot", [VCPU] = "kvm_vcpu",
	[MMU] = "kvm_mmu", [DENTRY] = "dentry", [MM] = "mm_struct",
};

#define AT(member) offsetof(struct layout, member)

static const struct {
	enum root root;
	const char *path;
	size_t at;
} wanted[] = {
	{ KVM, "vm_list", AT(kvm.vm_list) },
	{ KVM, "userspace_pid", AT(kvm.pid) },
	{ KVM, "mm", AT(kvm.mm) },
	{ KVM, "debugfs_dentry", AT(kvm.dentry) },
	{ KVM, "memslots", AT(kvm.memslots) },
	{ KVM, "vcpus", AT(kvm.vcpus) },
	{ KVM, "arch.tdp_mmu_roots", AT(kvm.tdp_roots) },
	{ KVM, "arch.active_mmu_pages", AT(kvm.active_pages) },
	{ KVM, "arch.shadow_mmio_value", AT(kvm.mmio_value) },
	{ KVM, "arch.gfn_direct_bits", AT(kvm.direct_bits) },
	{ KVM, "stat.pages_4k", AT(kvm.pages_4k) },
	{ KVM, "stat.pages_2m", AT(kvm.pages_2m) },
	{ KVM, "stat.pages_1g", AT(kvm.pages_1g) },
	{ PAGE, "link", AT(page.link) },
	{ PAGE, "role", AT(page.role) },
	{ PAGE, "gfn", AT(page.gfn) },
	{ PAGE, "spt", AT(page.spt) },
	{ PAGE, "shadowed_translation", AT(page.translation) },
	{ PAGE, "gfns", AT(page.gfns) },
	{ PAGE, "tdp_mmu_page", AT(page.tdp) },
	{ PAGE, "root_count", AT(page.root_count) },
	{ ROLE, "level", AT(role.level) },
	{ ROLE, "direct", AT(role.direct) },
	{ ROLE, "invalid", AT(role.invalid) },
	{ ROLE, "smm", AT(role.smm) },
	{ ROLE, "guest_mode", AT(role.guest_mode) },
	{ ROLE, "passthrough", AT(role.passthrough) },
	{ ROLE, "is_mirror", AT(role.mirror) },
	{ SLOTS, "generation", AT(slots.generation) },
	{ SLOTS, "gfn_tree", AT(slots.gfn_tree) },
	{ SLOTS, "node_idx", AT(slots.node_idx) },
	{ SLOTS, "memslots", AT(slots.array) },
	{ SLOTS, "used_slots", AT(slots.used) },
	{ SLOT, "gfn_node", AT(slot.gfn_node) },
	{ SLOT, "base_gfn", AT(slot.base_gfn) },
	{ SLOT, "npages", AT(slot.npages) },
	{ SLOT, "userspace_addr", AT(slot.hva) },
	{ SLOT, "flags", AT(slot.flags) },
	{ SLOT, "id", AT(slot.id) },
	{ VCPU, "arch.mmu", AT(vcpu.mmu) },
	{ MMU, "root.hpa", AT(mmu.root) },
	{ MMU, "root_hpa", AT(mmu.root) },
	{ MMU, "shadow_root_level", AT(mmu.level) },
	{ MMU, "root_role", AT(mmu.role) },
	{ MMU, "mmu_role", AT(mmu.old_role) },
	{ DENTRY, "d_name.name", AT(dentry.name) },
	{ MM, "pgd", AT(mm.pgd) },
};

static const struct btf_type *skip_modifiers(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* A flexible array has no size of its own: that of one element stands for "it is there". */
static uint32_t member_size(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = skip_modifiers(btf, id);
	int64_t size = btf__resolve_size(btf, id);

	if (size == 0 && type && btf_is_array(type))
		size = btf__resolve_size(btf, btf_array(type)->type);
	return size > 0 ? size : 0;
}

/* The member that `path` begins with, looked for in anonymous members as well; false: none. */
static bool find_member(const struct btf *btf, const struct btf_type *type, const char *path,
			uint32_t base_bits, struct field *field)
{
	size_t length = strcspn(path, ".");

	for (unsigned int i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = &btf_members(type)[i];
		const char *name = btf__name_by_offset(btf, member->name_off);
		const struct btf_type *inner = skip_modifiers(btf, member->type);
		uint32_t bits = base_bits + btf_member_bit_offset(type, i);

		if (!name || !inner)
			continue;
		if (!*name && btf_is_composite(inner) && find_member(btf, inner, path, bits, field))
			return true;
		if (strncmp(name, path, length) || name[length])
			continue;
		if (path[length])
			return btf_is_composite(inner) &&
			       find_member(btf, inner, path + length + 1, bits, field);
		field->offset = bits / 8;
		field->bit = bits % 8;
		field->bits = btf_member_bitfield_size(type, i);
		field->size = member_size(btf, member->type);
		return true;
	}
	return false;
}

/* One pass over all types for all names: there are some hundred thousand. */
static void find_roots(const struct btf *btf, const struct btf_type *roots[ROOT_COUNT])
{
	uint32_t count = btf__type_cnt(btf);

	for (uint32_t id = 1; id < count; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name;

		if (!btf_is_composite(type) || !btf_vlen(type))
			continue;
		name = btf__name_by_offset(btf, type->name_off);
		for (size_t i = 0; name && i < ROOT_COUNT; i++)
			if (!roots[i] && !strcmp(name, root_names[i]))
				roots[i] = type;
	}
}

static void fill(struct layout *layout, const struct btf *btf)
{
	const struct btf_type *roots[ROOT_COUNT] = { NULL };

	find_roots(btf, roots);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct field *field = (struct field *)((char *)layout + wanted[i].at);
		const struct btf_type *root = roots[wanted[i].root];

		if (root && !field_exists(*field))
			find_member(btf, root, wanted[i].path, 0, field);
	}
	layout->page.size = roots[PAGE] ? roots[PAGE]->size : 0;
	layout->slot.size = roots[SLOT] ? roots[SLOT]->size : 0;
}

static int drop_message(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

int layout_read(struct layout *layout, char *error, size_t size)
{
	struct btf *vmlinux, *module;

	*layout = (struct layout){ 0 };
	libbpf_set_print(drop_message);
	vmlinux = btf__parse_raw(VMLINUX);
	if (!vmlinux) {
		int err = errno;

		snprintf(error, size, "%s: %s: this kernel tells no types, one with CONFIG_DEBUG_INFO_BTF does",
			 VMLINUX, strerror(err));
		return -err;
	}
	/* Not there where KVM is built in, or where modules have no BTF: then vmlinux is all. */
	module = btf__parse_raw_split(MODULE, vmlinux);
	fill(layout, module ? module : vmlinux);
	btf__free(module);
	btf__free(vmlinux);
	return 0;
}

uint64_t layout_hash(uint64_t hash)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		hash = (hash ^ wanted[i].at) * 0x100000001b3ULL;
		for (const char *c = wanted[i].path; *c; c++)
			hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
	}
	return (hash ^ sizeof(struct layout)) * 0x100000001b3ULL;
}
