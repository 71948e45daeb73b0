// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct kvm has one active struct kvm_memslots for each address space. Newer kernels order the
 * memslots in an rbtree by gfn (each memslot is in the active and the inactive tree; node_idx says
 * by which of its two nodes), older ones keep an array.
 */
#include "spte/slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spte/reader.h"
#include "spte/vm.h"

#define SPACES_MAX (sizeof(((struct spte_slots *)NULL)->generation) / sizeof(uint64_t))
#define SLOTS_MAX 65536
#define DEPTH_MAX 64	/* of the rbtree: more is no tree */
#define ATTEMPTS 20

static int read_slot(struct spte_reader *reader, uint64_t address, unsigned int space,
		     struct spte_slots *slots)
{
	const struct layout *layout = &reader->layout;
	struct spte_slot *more, slot = { .space = space };
	uint64_t flags, id;

	if (slots->count >= SLOTS_MAX)
		return -EAGAIN;
	if (reader_field(reader, address, layout->slot.base_gfn, &slot.gfn) ||
	    reader_field(reader, address, layout->slot.npages, &slot.pages) ||
	    reader_field(reader, address, layout->slot.hva, &slot.hva) ||
	    reader_field(reader, address, layout->slot.flags, &flags) ||
	    reader_field(reader, address, layout->slot.id, &id))
		return -EAGAIN;
	slot.flags = flags;
	slot.id = id;
	more = reallocarray(slots->slots, slots->count + 1, sizeof(slot));
	if (!more)
		return -ENOMEM;
	slots->slots = more;
	more[slots->count++] = slot;
	return 0;
}

/* struct rb_node: parent and colour, right, left. */
static int read_tree(struct spte_reader *reader, uint64_t node, uint64_t node_offset,
		     unsigned int space, unsigned int depth, struct spte_slots *slots)
{
	uint64_t links[3];
	int err;

	if (!node)
		return 0;
	if (depth > DEPTH_MAX || kmem_read(&reader->mem, node, links, sizeof(links)))
		return -EAGAIN;
	err = read_tree(reader, links[2], node_offset, space, depth + 1, slots);
	if (!err)
		err = read_slot(reader, node - node_offset, space, slots);
	if (!err)
		err = read_tree(reader, links[1], node_offset, space, depth + 1, slots);
	return err;
}

static int read_array(struct spte_reader *reader, uint64_t set, unsigned int space,
		      struct spte_slots *slots)
{
	const struct layout *layout = &reader->layout;
	uint64_t used;
	int err = reader_field(reader, set, layout->slots.used, &used);

	if (err || used > SLOTS_MAX)
		return -EAGAIN;
	for (uint64_t i = 0; !err && i < used; i++)
		err = read_slot(reader,
				set + layout->slots.array.offset + i * layout->slot.size,
				space, slots);
	return err;
}

static int read_set(struct spte_reader *reader, uint64_t set, unsigned int space,
		    struct spte_slots *slots)
{
	const struct layout *layout = &reader->layout;
	struct field gfn_node = layout->slot.gfn_node;
	uint64_t root, index;

	if (!field_exists(layout->slots.gfn_tree))
		return read_array(reader, set, space, slots);
	if (reader_field(reader, set, layout->slots.gfn_tree, &root) ||
	    reader_field(reader, set, layout->slots.node_idx, &index) || index > 1)
		return -EAGAIN;
	/* gfn_node is an array of two. */
	return read_tree(reader, root, gfn_node.offset + index * (gfn_node.size / 2), space, 0,
			 slots);
}

/* An update makes another set active: the pointer and the generation are compared once more. */
static int read_space(struct spte_reader *reader, uint64_t pointer, unsigned int space,
		      struct spte_slots *slots)
{
	uint64_t set, set_again, generation;
	int err;

	if (kmem_read_u64(&reader->mem, pointer, &set) ||
	    reader_field(reader, set, reader->layout.slots.generation, &slots->generation[space]))
		return -EAGAIN;
	err = read_set(reader, set, space, slots);
	if (err)
		return err;
	if (kmem_read_u64(&reader->mem, pointer, &set_again) || set_again != set ||
	    reader_field(reader, set, reader->layout.slots.generation, &generation) ||
	    generation != slots->generation[space])
		return -EAGAIN;
	return 0;
}

static int by_space_and_gfn(const void *a, const void *b)
{
	const struct spte_slot *x = a, *y = b;

	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return (x->gfn > y->gfn) - (x->gfn < y->gfn);
}

static int read_all(struct spte_reader *reader, const struct spte_vm *vm, struct spte_slots *slots)
{
	struct field memslots = reader->layout.kvm.memslots;
	int err = 0;

	slots->count = 0;
	slots->spaces = memslots.size / 8 < SPACES_MAX ? memslots.size / 8 : SPACES_MAX;
	for (unsigned int i = 0; !err && i < slots->spaces; i++)
		err = read_space(reader, vm->address + memslots.offset + i * 8, i, slots);
	return err;
}

int spte_slots_read(struct spte_reader *reader, const struct spte_vm *vm, struct spte_slots *slots)
{
	const struct layout *layout = &reader->layout;
	int err = -EAGAIN;

	*slots = (struct spte_slots){ 0 };
	if (!field_exists(layout->kvm.memslots) || !field_exists(layout->slot.base_gfn) ||
	    (!field_exists(layout->slots.gfn_tree) && !field_exists(layout->slots.used)))
		return reader_fail(reader, -ENOENT, "this kernel's memslots are not as expected: no tree, no array");
	for (int i = 0; err == -EAGAIN && i < ATTEMPTS; i++)
		err = read_all(reader, vm, slots);
	if (err) {
		spte_slots_free(slots);
		return reader_fail(reader, err, "the memslots cannot be read: %s", strerror(-err));
	}
	if (slots->count)
		qsort(slots->slots, slots->count, sizeof(*slots->slots), by_space_and_gfn);
	return 0;
}

void spte_slots_free(struct spte_slots *slots)
{
	free(slots->slots);
	*slots = (struct spte_slots){ 0 };
}

const struct spte_slot *spte_slots_find(const struct spte_slots *slots, unsigned int space,
					uint64_t gfn)
{
	size_t low = 0, high = slots->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct spte_slot *slot = &slots->slots[middle];

		if (spte_slot_has(slot, space, gfn))
			return slot;
		if (slot->space > space || (slot->space == space && slot->gfn > gfn))
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
