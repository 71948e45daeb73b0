/* SPDX-License-Identifier: GPL-2.0-only */
/* OUT/matrix.json: when a matrix began, what is done of it, how long each cell took the last time. */
#ifndef SPTEST_MATRIX_STATE_H
#define SPTEST_MATRIX_STATE_H

#include <stdbool.h>

#include "matrix.h"

/*
 * What is done of a matrix of the same options, with the kernels that there are now; matrix->began is when that
 * one began, or now if nothing is done of it or restart is set. Series that are gone since then are left out.
 */
void matrix_state_load(struct matrix *matrix, bool restart);

/* done: nothing of it is to be taken up. Dies (STATUS_HARNESS) if it cannot be written. */
void matrix_state_save(const struct matrix *matrix, bool done);

/* "6.12 tdp", with the suite behind it where that is not the tests; the caller's to free. */
char *matrix_cell_key(const struct cell *cell);

#endif
