/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of tests and kernels in Markdown: it stays text, on one line. */
#ifndef SPTEST_MARKDOWN_H
#define SPTEST_MARKDOWN_H

#include <stdio.h>

void markdown_text(FILE *f, const char *text);

/* As code, in a cell of a table. */
void markdown_code(FILE *f, const char *text);

#endif
