/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's memory as a row of cells, for --map and --svg. */
#ifndef SPTEST_SPTE_TOOL_CELLS_H
#define SPTEST_SPTE_TOOL_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "spte/tool/options.h"
#include "spte/tool/reading.h"

/* In the order in which a cell shows them: if one page of it is incoherent, the cell is. */
enum cell_state {
	CELL_UNMAPPED,
	CELL_1G,
	CELL_2M,
	CELL_4K,
	CELL_OLD,		/* not accessed since it was last aged */
	CELL_READ_ONLY,
	CELL_KSM,
	CELL_INCOHERENT,
	CELL_STATES
};

struct cell_look {
	const char *name;
	char letter;
	int colour;		/* of the terminal's 256 */
	const char *svg;
};

extern const struct cell_look cell_looks[CELL_STATES];

/* One memslot, cut into cells. */
struct cells {
	struct spte_slot slot;
	uint64_t first, pages;	/* the gfns shown */
	size_t count;
	uint8_t *states;	/* enum cell_state of each */
};

struct picture {
	struct cells *cells;
	size_t count;
	uint64_t each;		/* pages a cell */
	uint8_t *states;	/* of all cells */
};

/*
 * All memslots (address space 0) within --range, in about `wanted` cells altogether; also checks
 * coherence, whose result is then in reading->check. -errno with reader->error; picture_free()
 * only after success.
 */
int picture_draw(struct picture *picture, struct reading *reading, const struct options *options,
		 size_t wanted);
void picture_free(struct picture *picture);

#endif
