// SPDX-License-Identifier: GPL-2.0-only
#include "text-table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include "host/die.h"
#include "text.h"

#define GAP 2	/* between columns */

void text_table_add(struct text_table *table, const char *tint, const char *fmt, ...)
{
	struct text_cell *cell;
	va_list values;
	char *text;

	if (!(table->count & (table->count - 1)))
		table->cells = xrealloc(table->cells, (table->count ? 2 * table->count : 1) * sizeof(*cell));
	cell = &table->cells[table->count++];
	cell->tint = tint;
	va_start(values, fmt);
	if (vasprintf(&text, fmt, values) < 0)
		die(STATUS_HARNESS, "out of memory");
	va_end(values);
	cell->text = text_clean_line(text);
	free(text);
}

/* Spaces wait for what stands behind them, so that no line ends with one. */
static size_t put_cell(const struct text_table *table, size_t i, int width, size_t spaces, FILE *out)
{
	const struct text_cell *cell = &table->cells[i];
	size_t column = i % table->columns, fill = width - text_width(cell->text);
	bool right = column < 64 && (table->right >> column & 1);

	if (!*cell->text)
		return spaces + fill;
	fprintf(out, "%*s%s%s%s", (int)(spaces + (right ? fill : 0)), "", cell->tint, cell->text,
		*cell->tint ? "\033[0m" : "");
	return right ? 0 : fill;
}

void text_table_print(const struct text_table *table, int indent, FILE *out)
{
	int *widths = xzalloc((table->columns + 1) * sizeof(*widths));
	size_t spaces = 0;

	for (size_t i = 0; i < table->count; i++)
		widths[i % table->columns] = text_wider(widths[i % table->columns], table->cells[i].text);
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;

		spaces = column ? spaces + GAP : (size_t)indent;
		spaces = put_cell(table, i, widths[column], spaces, out);
		if (column + 1 == table->columns)
			fputc('\n', out);
	}
	free(widths);
}

void text_table_free(struct text_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	table->cells = NULL;
	table->count = 0;
}
