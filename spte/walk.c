// SPDX-License-Identifier: GPL-2.0-only
#include "spte/walk.h"

#include <errno.h>

#include "spte/reader.h"

struct walk_mark walk_mark(const struct spte_snapshot *snapshot)
{
	return (struct walk_mark){ snapshot->count, snapshot->page_count, snapshot->roots,
				   snapshot->invalid_roots };
}

void walk_undo(struct spte_snapshot *snapshot, struct walk_mark mark)
{
	snapshot->count = mark.count;
	snapshot->page_count = mark.page_count;
	snapshot->roots = mark.roots;
	snapshot->invalid_roots = mark.invalid_roots;
	snapshot->retries++;
}

struct spte_role walk_role(const struct spte_reader *reader, uint32_t word)
{
	const struct layout *layout = &reader->layout;

	return (struct spte_role){
		.level = field_bits(layout->role.level, word),
		.space = field_bits(layout->role.smm, word) ? 1 : 0,
		.direct = field_bits(layout->role.direct, word),
		.invalid = field_bits(layout->role.invalid, word),
		.guest_mode = field_bits(layout->role.guest_mode, word),
		.passthrough = field_bits(layout->role.passthrough, word),
		.mirror = field_bits(layout->role.mirror, word),
	};
}

int walk_read_page(struct spte_reader *reader, uint64_t node, struct walk_page *page)
{
	const struct layout *layout = &reader->layout;
	uint64_t address = node - layout->page.link.offset, links[2], role;
	int err = kmem_read(&reader->mem, node, links, sizeof(links));

	*page = (struct walk_page){ 0 };
	if (!err)
		err = reader_field(reader, address, layout->page.role, &role);
	if (!err)
		err = reader_field(reader, address, layout->page.gfn, &page->gfn);
	if (!err)
		err = reader_field(reader, address, layout->page.spt, &page->spt);
	if (!err && field_exists(layout->page.translation))
		err = reader_field(reader, address, layout->page.translation, &page->translation);
	if (!err && field_exists(layout->page.gfns))
		err = reader_field(reader, address, layout->page.gfns, &page->gfns);
	if (err)
		return err;
	page->next = links[0];
	page->previous = links[1];
	page->role_word = role;
	return 0;
}

static int add_child(struct spte_reader *reader, struct spte_snapshot *snapshot,
		     const struct spte_table *table, unsigned int index, uint64_t spte)
{
	struct spte_table child = *table;

	child.address = reader_phys_to_virt(reader, spte & reader->format.pfn_mask);
	child.gfn += index * spte_level_pages(table->role.level);
	child.role.level--;
	return walk_down(reader, snapshot, child);
}

/*
 * The table behind an entry may be freed while it is read: KVM first clears the entry, so what was
 * read counts only if the entry is still the same afterwards. (Accessed bits may come and go.)
 */
static int walk_entry(struct spte_reader *reader, struct spte_snapshot *snapshot,
		      const struct spte_table *table, unsigned int index)
{
	const struct spte_format *format = &reader->format;

	for (int i = 0; i < WALK_ATTEMPTS; i++) {
		uint64_t spte = snapshot->pages[table->entries][index], again;
		struct walk_mark mark = walk_mark(snapshot);
		int err;

		if (spte_state(format, spte, table->role.level) != SPTE_TABLE)
			return 0;
		err = add_child(reader, snapshot, table, index, spte);
		if (err && err != -EFAULT)
			return err;
		if (kmem_read_u64(&reader->mem, table->address + index * 8, &again))
			return -EFAULT;
		if (!err && spte_state(format, again, table->role.level) == SPTE_TABLE &&
		    spte_pfn(format, again) == spte_pfn(format, spte))
			return 0;
		walk_undo(snapshot, mark);
		snapshot->pages[table->entries][index] = again;
	}
	return -EAGAIN;
}

int walk_down(struct spte_reader *reader, struct spte_snapshot *snapshot, struct spte_table table)
{
	int err = snapshot_add_page(snapshot, &table.entries);

	table.translation = NO_PAGE;
	if (!err)
		err = kmem_read(&reader->mem, table.address, snapshot->pages[table.entries],
				PAGE_BYTES);
	if (!err)
		err = snapshot_add_table(snapshot, &table);
	if (table.role.level == 1)
		return err;
	for (unsigned int i = 0; !err && i < SPTE_ENTRIES; i++)
		err = walk_entry(reader, snapshot, &table, i);
	return err;
}
