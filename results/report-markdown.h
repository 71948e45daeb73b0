/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of a report as Markdown; each writes nothing if there is nothing of its kind. */
#ifndef SPTEST_REPORT_MARKDOWN_H
#define SPTEST_REPORT_MARKDOWN_H

#include <stdio.h>

#include "verdict.h"

struct report;

void report_markdown_matrix(FILE *f, const struct report *report);
void report_markdown_failures(FILE *f, const struct report *report);
void report_markdown_groups(FILE *f, const struct report *report, enum verdict verdict, const char *title);
void report_markdown_coverage(FILE *f, const struct report *report);
void report_markdown_mutants(FILE *f, const struct report *report);
void report_markdown_figures(FILE *f, const struct report *report);

#endif
