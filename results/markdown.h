/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of tests and kernels in Markdown: it stays text, on one line but for blocks. */
#ifndef SPTEST_MARKDOWN_H
#define SPTEST_MARKDOWN_H

#include <stdio.h>

void markdown_text(FILE *f, const char *text);

/* As code, in a cell of a table. */
void markdown_code(FILE *f, const char *text);

/* A block of code, lines and all. */
void markdown_block(FILE *f, const char *text);

/* "| text ", the text as markdown_text(): a table's row ends by "|\n". */
void markdown_cell(FILE *f, const char *text);

#endif
