// SPDX-License-Identifier: GPL-2.0-only
#include "spte/coherence.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spte/pagemap.h"
#include "spte/reader.h"
#include "spte/vm.h"

#ifndef KVM_MEM_GUEST_MEMFD
#define KVM_MEM_GUEST_MEMFD (1UL << 2)
#endif

/* A suspect that changes all the time is no violation, but has to be left at some point. */
#define LOOKS_MAX_FACTOR 8

struct run {
	struct spte_check *check;
	struct spte_slots *slots;
	const struct spte_slot *slot;	/* of the leaf before: mostly this one's as well */
	struct primary primary;
};

const char *spte_fault_name(enum spte_fault fault)
{
	static const char *const names[FAULT_COUNT] = {
		"none", "pfn-differs", "not-present", "writable", "huge", "no-memslot", "mmio-over-ram",
		"pagemap-differs",
	};

	return names[fault];
}

const char *spte_fault_text(enum spte_fault fault)
{
	static const char *const texts[FAULT_COUNT] = {
		"is coherent",
		"maps another page than the pte",
		"maps a page where the owner has none",
		"is writable, the pte is not",
		"is huge, the page that the pte maps is not",
		"is outside every memslot",
		"says MMIO where a memslot has memory",
		"maps what the page table in the kernel says, but pagemap says else",
	};

	return texts[fault];
}

static const struct spte_slot *find_slot(struct run *run, unsigned int space, uint64_t gfn)
{
	if (!run->slot || !spte_slot_has(run->slot, space, gfn))
		run->slot = spte_slots_find(run->slots, space, gfn);
	return run->slot;
}

/* What is wrong with one 4 KiB page of a leaf, but for the size of what the pte maps. */
static int judge_page(struct run *run, const struct spte_slot *slot, struct spte_violation *v)
{
	const struct spte_format *format = &run->check->reader->format;
	const struct spte_leaf *leaf = &v->leaf;
	int err = primary_lookup(&run->primary, v->hva, &v->pte);

	if (err)
		return err;
	if (!v->pte.present)
		v->fault = FAULT_NOT_PRESENT;
	else if (v->pte.pfn != spte_pfn(format, leaf->spte) + (v->gfn - leaf->gfn))
		v->fault = FAULT_PFN;
	else if (!v->pte.writable && (spte_writable(format, leaf->spte) ||
				      spte_may_become_writable(format, leaf->spte)))
		v->fault = FAULT_WRITABLE;
	else
		v->fault = FAULT_NONE;
	if (v->fault != FAULT_NONE || !run->check->pagemap)
		return 0;
	err = pagemap_block_lookup(run->check->pagemap, v->hva, slot->hva + (slot->pages << 12),
				   &v->pagemap_present, &v->pagemap_pfn);
	if (!err && (!v->pagemap_present || v->pagemap_pfn != v->pte.pfn))
		v->fault = FAULT_PAGEMAP;
	return err;
}

/*
 * The pages of a huge leaf one by one. KVM maps huge only what the primary page table maps huge,
 * and is told when that is split, so that ptes below that level are wrong even with the right pfns.
 */
static int judge_pages(struct run *run, const struct spte_slot *slot, struct spte_violation *v)
{
	const uint64_t first = v->leaf.gfn, pages = spte_level_pages(v->leaf.level);

	for (v->gfn = first; v->gfn < first + pages; v->gfn++) {
		int err;

		if (!spte_slot_has(slot, v->leaf.table->role.space, v->gfn)) {
			v->fault = FAULT_NO_MEMSLOT;
			v->hva = 0;
			return 0;
		}
		v->hva = spte_slot_hva(slot, v->gfn);
		err = judge_page(run, slot, v);
		if (err)
			return err;
		if (v->pte.level < v->leaf.level)
			v->fault = FAULT_HUGE;
		if (v->fault != FAULT_NONE)
			return 0;
	}
	return 0;
}

static void judge_mmio(struct run *run, struct spte_violation *v)
{
	const struct spte_table *table = v->leaf.table;
	uint64_t generation = run->slots->generation[table->role.space];
	const struct spte_slot *slot = find_slot(run, table->role.space, v->gfn);

	if (!slot || !spte_mmio_current(&run->check->reader->format, v->leaf.spte, generation))
		return;
	v->hva = spte_slot_hva(slot, v->gfn);
	v->fault = FAULT_MMIO;
}

/* Sets v->fault; *judged is false for a leaf about which nothing can be said. */
static int judge(struct run *run, const struct spte_leaf *leaf, struct spte_violation *v,
		 bool *judged)
{
	const struct spte_role *role = &leaf->table->role;
	const struct spte_slot *slot;

	*v = (struct spte_violation){ .leaf = *leaf, .gfn = leaf->gfn };
	*judged = true;
	if (leaf->state == SPTE_MMIO) {
		judge_mmio(run, v);
		return 0;
	}
	slot = find_slot(run, role->space, leaf->gfn);
	/* A root that is being freed may outlive the memslot, and is used by nobody. */
	if (role->mirror || (!slot && role->invalid) ||
	    (slot && (slot->flags & KVM_MEM_GUEST_MEMFD))) {
		*judged = false;
		return 0;
	}
	if (!slot) {
		v->fault = FAULT_NO_MEMSLOT;
		return 0;
	}
	return judge_pages(run, slot, v);
}

/* Reads the entry again; false: it is no longer what it was, which settles the matter. */
static bool still_there(struct run *run, struct spte_leaf *leaf)
{
	const struct spte_format *format = &run->check->reader->format;
	uint64_t now, ignored = format->accessed | format->dirty;

	if (kmem_read_u64(&run->check->reader->mem, leaf->table->address + leaf->index * 8, &now))
		return false;
	if ((now ^ leaf->spte) & ~ignored)
		return false;
	leaf->spte = now;
	return true;
}

static int read_slots_again(struct run *run)
{
	struct spte_slots slots;
	int err = spte_slots_read(run->check->reader, run->check->vm, &slots);

	if (err)
		return err;
	spte_slots_free(run->slots);
	*run->slots = slots;
	run->slot = NULL;
	return 0;
}

static void forget(struct run *run)
{
	primary_forget(&run->primary);
	if (run->check->pagemap)
		pagemap_block_forget(run->check->pagemap);
}

/*
 * A leaf looked wrong. Its spte was read before its pte, so that either may simply be older than a
 * change of both. It is a violation if the same spte, read before and after, goes with the same
 * fault as often as was asked for.
 */
static int look_again(struct run *run, struct spte_violation *v)
{
	const struct spte_check *check = run->check;
	enum spte_fault fault = v->fault;
	struct spte_leaf leaf = v->leaf;
	unsigned int same = 0;
	bool judged;
	int err = 0;

	v->fault = FAULT_NONE;
	for (unsigned int i = 0; !err && i < check->looks * LOOKS_MAX_FACTOR; i++) {
		if (check->pause_us)
			usleep(check->pause_us);
		forget(run);
		err = read_slots_again(run);
		if (err || !still_there(run, &leaf))
			return err;
		err = judge(run, &leaf, v, &judged);
		if (err || v->fault == FAULT_NONE || !still_there(run, &leaf)) {
			v->fault = FAULT_NONE;
			return err;
		}
		same = v->fault == fault ? same + 1 : 1;
		fault = v->fault;
		if (same >= check->looks)
			return spte_vm_alive(check->reader, check->vm) ? 0 : -ESRCH;
	}
	v->fault = FAULT_NONE;
	return err;
}

static int check_leaf(struct run *run, const struct spte_leaf *leaf)
{
	struct spte_check *check = run->check;
	struct spte_violation v;
	bool judged;
	int err = judge(run, leaf, &v, &judged);

	if (err || !judged) {
		check->unjudged += !judged;
		return err;
	}
	check->leaves += leaf->state == SPTE_LEAF;
	check->pages += leaf->state == SPTE_LEAF ? spte_level_pages(leaf->level) : 0;
	if (v.fault == FAULT_NONE)
		return 0;
	check->suspects++;
	err = look_again(run, &v);
	if (err || v.fault == FAULT_NONE)
		return err;
	check->violations++;
	check->by_fault[v.fault]++;
	if (check->report)
		check->report(check->arg, &v);
	return 0;
}

int spte_check_run(struct spte_check *check, const struct spte_snapshot *snapshot,
		   struct spte_slots *slots)
{
	struct run *run = calloc(1, sizeof(*run));
	struct spte_cursor cursor = { 0 };
	struct spte_leaf leaf;
	int err;

	if (!run)
		return reader_fail(check->reader, -ENOMEM, "out of memory");
	run->check = check;
	run->slots = slots;
	err = primary_open(&run->primary, check->reader, check->vm->mm);
	if (!err) {
		forget(run);
		while (!err && spte_snapshot_next(&check->reader->format, snapshot, &cursor, &leaf))
			err = check_leaf(run, &leaf);
		if (err && !spte_vm_alive(check->reader, check->vm))
			err = reader_fail(check->reader, -ESRCH, "VM %d has ended meanwhile",
					  check->vm->pid);
		else if (err)
			reader_fail(check->reader, err, "VM %d cannot be checked: %s", check->vm->pid,
				    strerror(-err));
	}
	free(run);
	return err;
}
