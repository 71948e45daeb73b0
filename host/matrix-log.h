/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command of a cell said: a file of its own in the matrix's folder. */
#ifndef SPTEST_MATRIX_LOG_H
#define SPTEST_MATRIX_LOG_H

struct matrix;
struct cell;

/* OUT/matrix-KERNEL-MMU[-SUITE].log, another one for each cell of whatever kernel's word; the caller's to free. */
char *matrix_log_path(const struct matrix *matrix, const struct cell *cell);

/* Why a command ended with that status, by its log: the last line that sptest said there. The caller's to free. */
char *matrix_log_reason(const char *path, int status);

#endif
