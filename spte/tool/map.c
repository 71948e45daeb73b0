// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "spte/tool/cells.h"
#include "spte/tool/views.h"

#define ROWS 32
#define LABEL 14
#define COLUMNS_DEFAULT 80

/* A power of two, so that rows begin at round gfns. */
static size_t columns(void)
{
	struct winsize size = { 0 };
	size_t width = 16;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < 2 * LABEL)
		size.ws_col = COLUMNS_DEFAULT;
	while (width * 2 + LABEL <= size.ws_col)
		width *= 2;
	return width;
}

static void show_cell(enum cell_state state, bool colour)
{
	const struct cell_look *look = &cell_looks[state];

	if (colour)
		printf("\033[48;5;%dm \033[0m", look->colour);
	else
		putchar(look->letter);
}

/* The colour is set where it changes. */
static void show_row(const uint8_t *states, size_t count, bool colour)
{
	for (size_t i = 0; i < count; i++) {
		const struct cell_look *look = &cell_looks[states[i]];

		if (colour && (!i || states[i] != states[i - 1]))
			printf("\033[48;5;%dm", look->colour);
		putchar(colour ? ' ' : look->letter);
	}
	puts(colour ? "\033[0m" : "");
}

static void show_cells(const struct cells *cells, uint64_t each, size_t width, bool colour)
{
	printf("  memslot %d, gfn 0x%" PRIx64 ", %" PRIu64 " pages at hva 0x%" PRIx64 "\n",
	       cells->slot.id, cells->first, cells->pages,
	       spte_slot_hva(&cells->slot, cells->first));
	for (size_t i = 0; i < cells->count; i += width) {
		printf("%#*" PRIx64 "  ", LABEL - 2, cells->first + i * each);
		show_row(cells->states + i, cells->count - i < width ? cells->count - i : width,
			 colour);
	}
}

static void show_legend(uint64_t each, bool colour)
{
	printf("  a cell is %" PRIu64 " page%s of 4 KiB:", each, each == 1 ? "" : "s");
	for (int i = 0; i < CELL_STATES; i++) {
		putchar(' ');
		show_cell(i, colour);
		printf(" %s%s", cell_looks[i].name, i < CELL_STATES - 1 ? "," : "\n");
	}
}

int view_map(struct reading *reading, const struct options *options)
{
	size_t width = columns();
	struct picture picture;
	int err = picture_draw(&picture, reading, options, width * ROWS);

	if (err)
		return err;
	for (size_t i = 0; i < picture.count; i++)
		show_cells(&picture.cells[i], picture.each, width, options->colour);
	show_legend(picture.each, options->colour);
	picture_free(&picture);
	return 0;
}
