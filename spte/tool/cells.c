// SPDX-License-Identifier: GPL-2.0-only
#include "spte/tool/cells.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdlib.h>
#include <unistd.h>

const struct cell_look cell_looks[CELL_STATES] = {
	[CELL_UNMAPPED] = { "not mapped", '.', 238, "#e4e4e4" },
	[CELL_1G] = { "1 GiB", 'G', 21, "#08306b" },
	[CELL_2M] = { "2 MiB", 'M', 33, "#2171b5" },
	[CELL_4K] = { "4 KiB", 'k', 80, "#9ecae1" },
	[CELL_OLD] = { "not accessed", 'o', 250, "#a59d84" },
	[CELL_READ_ONLY] = { "read-only", 'r', 220, "#fec44f" },
	[CELL_KSM] = { "KSM", 'K', 170, "#9e4ba5" },
	[CELL_INCOHERENT] = { "INCOHERENT", '!', 196, "#d7191c" },
};

/* kpageflags costs a system call a page: only pages that KSM may have are asked for. */
static bool is_ksm(int kpageflags, uint64_t pfn)
{
	uint64_t flags;

	return kpageflags >= 0 && pread(kpageflags, &flags, 8, pfn * 8) == 8 &&
	       (flags >> KPF_KSM & 1);
}

static enum cell_state leaf_state(const struct reading *reading, const struct spte_leaf *leaf,
				  int kpageflags)
{
	static const enum cell_state by_level[] = { CELL_4K, CELL_2M, CELL_1G };
	const struct spte_format *format = &reading->reader->format;

	if (!spte_writable(format, leaf->spte))
		return leaf->level == 1 && is_ksm(kpageflags, spte_pfn(format, leaf->spte)) ?
		       CELL_KSM : CELL_READ_ONLY;
	if (!spte_accessed(format, leaf->spte))
		return CELL_OLD;
	return by_level[leaf->level <= SPTE_LEVELS ? leaf->level - 1 : SPTE_LEVELS - 1];
}

static void mark(struct picture *picture, uint64_t gfn, uint64_t pages, enum cell_state state)
{
	for (size_t i = 0; i < picture->count; i++) {
		const struct cells *cells = &picture->cells[i];
		const uint64_t end = cells->first + cells->pages;
		uint64_t from = gfn > cells->first ? gfn : cells->first;
		uint64_t to = gfn + pages < end ? gfn + pages : end;

		for (; from < to; from += picture->each - (from - cells->first) % picture->each) {
			uint8_t *cell = &cells->states[(from - cells->first) / picture->each];

			if (*cell < state)
				*cell = state;
		}
	}
}

static void mark_violation(void *arg, const struct spte_violation *v)
{
	mark(arg, v->gfn, 1, CELL_INCOHERENT);
}

static void clip(const struct spte_slot *slot, const struct options *options, struct cells *cells)
{
	uint64_t first = slot->gfn, last = slot->gfn + slot->pages - 1;

	if (first < options->first)
		first = options->first;
	if (last > options->last)
		last = options->last;
	*cells = (struct cells){ .slot = *slot, .first = first };
	cells->pages = slot->space == 0 && slot->pages && last >= first ? last - first + 1 : 0;
}

/* A power of two pages a cell, the same everywhere, so that cells can be compared. */
static int lay_out(struct picture *picture, const struct spte_slots *slots,
		   const struct options *options, size_t wanted)
{
	uint64_t pages = 0;
	size_t cells = 0;

	picture->each = 1;
	picture->cells = calloc(slots->count + 1, sizeof(*picture->cells));
	if (!picture->cells)
		return -ENOMEM;
	for (size_t i = 0; i < slots->count; i++) {
		clip(&slots->slots[i], options, &picture->cells[picture->count]);
		pages += picture->cells[picture->count].pages;
		picture->count += picture->cells[picture->count].pages > 0;
	}
	while (pages / picture->each > wanted)
		picture->each *= 2;
	picture->states = calloc(pages / picture->each + picture->count + 1, 1);
	if (!picture->states)
		return -ENOMEM;
	for (size_t i = 0; i < picture->count; i++) {
		struct cells *c = &picture->cells[i];

		c->count = (c->pages + picture->each - 1) / picture->each;
		c->states = picture->states + cells;
		cells += c->count;
	}
	return 0;
}

static void mark_leaves(struct picture *picture, const struct reading *reading)
{
	int kpageflags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	struct spte_cursor cursor = { 0 };
	struct spte_leaf leaf;

	while (spte_snapshot_next(&reading->reader->format, &reading->snapshot, &cursor, &leaf))
		if (leaf.state == SPTE_LEAF && !leaf.table->role.space)
			mark(picture, leaf.gfn, spte_level_pages(leaf.level),
			     leaf_state(reading, &leaf, kpageflags));
	if (kpageflags >= 0)
		close(kpageflags);
}

int picture_draw(struct picture *picture, struct reading *reading, const struct options *options,
		 size_t wanted)
{
	int err;

	*picture = (struct picture){ 0 };
	err = lay_out(picture, &reading->slots, options, wanted);
	if (err) {
		reader_fail(reading->reader, err, "out of memory");
	} else {
		mark_leaves(picture, reading);
		err = reading_check(reading, options->freeze, mark_violation, picture);
	}
	if (err)
		picture_free(picture);
	return err;
}

void picture_free(struct picture *picture)
{
	free(picture->cells);
	free(picture->states);
}
