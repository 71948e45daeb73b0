// SPDX-License-Identifier: GPL-2.0-only
#include "spte/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spte/reader.h"
#include "spte/vm.h"
#include "spte/walk.h"

int snapshot_add_page(struct spte_snapshot *snapshot, size_t *index)
{
	size_t capacity = snapshot->page_capacity ? snapshot->page_capacity * 2 : 64;

	if (snapshot->page_count == snapshot->page_capacity) {
		uint64_t (*more)[SPTE_ENTRIES] =
			reallocarray(snapshot->pages, capacity, sizeof(*more));

		if (!more)
			return -ENOMEM;
		snapshot->pages = more;
		snapshot->page_capacity = capacity;
	}
	*index = snapshot->page_count++;
	return 0;
}

int snapshot_add_table(struct spte_snapshot *snapshot, const struct spte_table *table)
{
	size_t capacity = snapshot->capacity ? snapshot->capacity * 2 : 64;

	if (snapshot->count == snapshot->capacity) {
		struct spte_table *more = reallocarray(snapshot->tables, capacity, sizeof(*more));

		if (!more)
			return -ENOMEM;
		snapshot->tables = more;
		snapshot->capacity = capacity;
	}
	snapshot->tables[snapshot->count++] = *table;
	return 0;
}

static int walk_all(struct spte_reader *reader, const struct spte_vm *vm,
		    struct spte_snapshot *snapshot)
{
	int err;

	if (!reader->layout.page.size) {
		snapshot->partial = true;
		return walk_vcpus(reader, vm, snapshot);
	}
	err = walk_tdp(reader, vm, snapshot);
	return err ? err : walk_pages(reader, vm, snapshot);
}

int spte_snapshot_take(struct spte_reader *reader, const struct spte_vm *vm,
		       struct spte_snapshot *snapshot)
{
	int err;

	*snapshot = (struct spte_snapshot){ 0 };
	snapshot->counted = !spte_vm_counters(reader, vm, snapshot->before);
	err = walk_all(reader, vm, snapshot);
	if (!err && snapshot->counted)
		snapshot->counted = !spte_vm_counters(reader, vm, snapshot->after);
	if (err)
		spte_snapshot_free(snapshot);
	return err;
}

void spte_snapshot_free(struct spte_snapshot *snapshot)
{
	free(snapshot->tables);
	free(snapshot->pages);
	*snapshot = (struct spte_snapshot){ 0 };
}

/* kvm_mmu_page_get_gfn(); an MMIO spte of shadow paging has its gfn only in itself. */
static uint64_t entry_gfn(const struct spte_format *format, const struct spte_snapshot *snapshot,
			  const struct spte_leaf *leaf)
{
	const struct spte_table *table = leaf->table;

	if (leaf->state == SPTE_MMIO && !table->role.direct)
		return spte_mmio_gfn(format, leaf->spte);
	if (table->role.passthrough)
		return table->gfn;
	if (table->translation != NO_PAGE)
		return snapshot->pages[table->translation][leaf->index] >> table->translation_shift;
	return table->gfn + leaf->index * spte_level_pages(table->role.level);
}

bool spte_snapshot_next(const struct spte_format *format, const struct spte_snapshot *snapshot,
			struct spte_cursor *cursor, struct spte_leaf *leaf)
{
	for (; cursor->table < snapshot->count; cursor->table++, cursor->index = 0) {
		const struct spte_table *table = &snapshot->tables[cursor->table];
		const uint64_t *entries = snapshot->pages[table->entries];

		while (cursor->index < SPTE_ENTRIES) {
			unsigned int i = cursor->index++;
			enum spte_state state = spte_state(format, entries[i], table->role.level);

			if (state != SPTE_LEAF && state != SPTE_MMIO)
				continue;
			*leaf = (struct spte_leaf){
				.table = table, .index = i, .level = table->role.level,
				.spte = entries[i], .state = state,
			};
			leaf->gfn = entry_gfn(format, snapshot, leaf);
			return true;
		}
	}
	return false;
}
