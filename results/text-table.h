/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows whose columns are as wide as their widest cell, by display width. Zeroed but for columns is empty. */
#ifndef SPTEST_TEXT_TABLE_H
#define SPTEST_TEXT_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct text_cell {
	char *text;
	const char *tint;	/* an ANSI sequence, or "" */
};

struct text_table {
	size_t columns;
	uint64_t right;		/* bit n: column n is aligned to the right; of the first 64 */
	struct text_cell *cells;
	size_t count;
};

/* The next cell: rows fill up from the left. tint must outlive the table. */
void text_table_add(struct text_table *table, const char *tint, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* All rows, each behind the spaces of indent; two between columns, none at the end of a line. */
void text_table_print(const struct text_table *table, int indent, FILE *out);
void text_table_free(struct text_table *table);

#endif
