// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvm->arch.active_mmu_pages: all shadow pages of the rmap-based MMU, in no order. Each knows its
 * gfn if it is direct; a page that shadows a guest's page table notes for each spte what the
 * guest's entry translates to (shadowed_translation: gfn and access bits; gfns before that).
 */
#include <errno.h>
#include <string.h>

#include "spte/reader.h"
#include "spte/vm.h"
#include "spte/walk.h"

#define PAGES_MAX (1ULL << 24)
#define PAGE_SHIFT 12

static int read_page(struct spte_reader *reader, uint64_t address, struct spte_snapshot *snapshot,
		     size_t *index)
{
	int err = snapshot_add_page(snapshot, index);

	return err ? err : kmem_read(&reader->mem, address, snapshot->pages[*index], PAGE_BYTES);
}

static int add_table(struct spte_reader *reader, struct spte_snapshot *snapshot,
		     const struct walk_page *page)
{
	struct spte_table table = {
		.address = page->spt, .gfn = page->gfn, .mmu = MMU_PAGES,
		.role = walk_role(reader, page->role_word), .translation = NO_PAGE,
		.translation_shift = page->translation ? PAGE_SHIFT : 0,
	};
	uint64_t translation = page->translation ? page->translation : page->gfns;
	int err = read_page(reader, page->spt, snapshot, &table.entries);

	if (!err && !table.role.direct && translation)
		err = read_page(reader, translation, snapshot, &table.translation);
	return err ? err : snapshot_add_table(snapshot, &table);
}

/* A page that is freed leaves the list first, so it counts only if it is still in its place. */
static int walk_list(struct spte_reader *reader, uint64_t head, struct spte_snapshot *snapshot)
{
	uint64_t node, previous = head;
	struct walk_page page, again;
	int err = kmem_read_u64(&reader->mem, head, &node);

	for (uint64_t i = 0; !err && node && node != head; i++) {
		err = walk_read_page(reader, node, &page);
		if (err)
			break;
		if (page.previous != previous || i >= PAGES_MAX)
			return -EFAULT;
		err = add_table(reader, snapshot, &page);
		if (!err)
			err = walk_read_page(reader, node, &again);
		if (!err && (again.next != page.next || again.spt != page.spt ||
			     again.gfn != page.gfn || again.role_word != page.role_word))
			return -EFAULT;
		previous = node;
		node = page.next;
	}
	return err;
}

int walk_pages(struct spte_reader *reader, const struct spte_vm *vm, struct spte_snapshot *snapshot)
{
	uint64_t head = vm->address + reader->layout.kvm.active_pages.offset;
	struct walk_mark mark = walk_mark(snapshot);
	int err = -EFAULT;

	if (!field_exists(reader->layout.kvm.active_pages))
		return reader_fail(reader, -EOPNOTSUPP, "struct kvm_arch is not as expected: no active_mmu_pages");
	for (int i = 0; err == -EFAULT && i < WALK_ATTEMPTS; i++) {
		if (i)
			walk_undo(snapshot, mark);
		err = walk_list(reader, head, snapshot);
	}
	if (err)
		return reader_fail(reader, err, "the VM's shadow pages cannot be read: %s",
				   err == -EFAULT ? "they keep changing, try --freeze" : strerror(-err));
	return 0;
}
