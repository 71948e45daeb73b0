// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "spte/tool/cells.h"
#include "spte/tool/views.h"

#define COLUMNS 128
#define ROWS 128
#define SIDE 7		/* pixels a cell */
#define LABEL 110
#define LINE 18

static size_t rows(const struct cells *cells)
{
	return (cells->count + COLUMNS - 1) / COLUMNS;
}

/* Neighbours of the same state are one rectangle. */
static void draw_row(FILE *out, const struct cells *cells, size_t first, unsigned int y)
{
	size_t end = first + COLUMNS < cells->count ? first + COLUMNS : cells->count;

	for (size_t i = first, next; i < end; i = next) {
		for (next = i + 1; next < end && cells->states[next] == cells->states[i]; next++)
			;
		fprintf(out, "<rect x=\"%zu\" y=\"%u\" width=\"%zu\" height=\"%d\" fill=\"%s\"/>\n",
			LABEL + (i - first) * SIDE, y, (next - i) * SIDE, SIDE,
			cell_looks[cells->states[i]].svg);
	}
}

static unsigned int draw_cells(FILE *out, const struct cells *cells, uint64_t each,
			       unsigned int y)
{
	fprintf(out, "<text x=\"4\" y=\"%u\">memslot %d, gfn 0x%" PRIx64 ", %" PRIu64 " pages</text>\n",
		y + 13, cells->slot.id, cells->first, cells->pages);
	y += LINE;
	for (size_t row = 0; row < rows(cells); row++, y += SIDE) {
		if (row % 4 == 0)
			fprintf(out, "<text x=\"4\" y=\"%u\" font-size=\"9\">0x%" PRIx64 "</text>\n",
				y + SIDE, cells->first + row * COLUMNS * each);
		draw_row(out, cells, row * COLUMNS, y);
	}
	return y + LINE / 2;
}

static void draw_legend(FILE *out, uint64_t each, unsigned int y)
{
	unsigned int x = 4;

	for (int i = 0; i < CELL_STATES; i++, x += 118)
		fprintf(out, "<rect x=\"%u\" y=\"%u\" width=\"11\" height=\"11\" fill=\"%s\"/>\n"
			"<text x=\"%u\" y=\"%u\">%s</text>\n", x, y, cell_looks[i].svg, x + 15, y + 10,
			cell_looks[i].name);
	fprintf(out, "<text x=\"4\" y=\"%u\">a cell is %" PRIu64 " page%s of 4 KiB</text>\n", y + 28, each,
		each == 1 ? "" : "s");
}

static void draw(FILE *out, const struct reading *reading, const struct picture *picture)
{
	unsigned int y = 2 * LINE;
	size_t height = y + 3 * LINE;

	for (size_t i = 0; i < picture->count; i++)
		height += rows(&picture->cells[i]) * SIDE + LINE + LINE / 2;
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
		"<text x=\"4\" y=\"18\" font-size=\"14\">Secondary page tables of VM %d (%s)</text>\n",
		LABEL + COLUMNS * SIDE + 8, height, reading->vm.pid, reading_mmu(reading));
	for (size_t i = 0; i < picture->count; i++)
		y = draw_cells(out, &picture->cells[i], picture->each, y);
	draw_legend(out, picture->each, y);
	fputs("</svg>\n", out);
}

int view_svg(struct reading *reading, const struct options *options)
{
	struct picture picture;
	int err = picture_draw(&picture, reading, options, COLUMNS * ROWS);
	FILE *out;

	if (err)
		return err;
	out = fopen(options->svg, "we");
	if (out) {
		draw(out, reading, &picture);
		err = ferror(out) ? -EIO : 0;
	}
	if (!out || fclose(out))
		err = -errno;
	picture_free(&picture);
	if (err)
		reader_fail(reading->reader, err, "%s: %s", options->svg, strerror(-err));
	return err;
}
