/* SPDX-License-Identifier: GPL-2.0-only */
/* What a cell of the matrix can be: the sub-command of sptest for it, and what its exit status means there. */
#ifndef SPTEST_MATRIX_SUITES_H
#define SPTEST_MATRIX_SUITES_H

#include <stdbool.h>
#include <stddef.h>

#include "matrix.h"

struct args;

#define MATRIX_SUITES 3
#define SUITE_CHECK "check"	/* if nothing else is said */

/*
 * The suites that a text names, each once: words with commas between them. They are static strings,
 * in the order check, mutants, workloads. Returns their number, 0 if there is another word in it.
 */
size_t suite_list(const char *text, const char *suites[MATRIX_SUITES]);

/* Whether a kernel has what the suite needs, as far as its name tells. */
bool suite_takes(const char *suite, const char *kernel);

/* The words of the cell's command, the program's name not among them. */
void suite_command(const struct matrix_options *options, const struct cell *cell, struct args *args);

enum cell_state suite_state(const char *suite, int status);

#endif
