/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels x MMU modes x suites: a command of sptest each. What is done is noted in a file, so that it can go on later. */
#ifndef SPTEST_MATRIX_H
#define SPTEST_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "matrix-kernels.h"

struct matrix_options {
	const char *kernels;	/* words and globs with commas, or NULL: the newest of each series of the list */
	const char *mmu;	/* as --mmu takes it */
	const char *suites;	/* as suite_list() takes them */
	const char *tests, *append, *jobs, *seed, *repeat, *classify;	/* of sptest run, or NULL */
	const char *workloads, *scale;	/* of sptest workload, or NULL */
	const char *out;
	bool full;
	bool planned;		/* nothing is to be run */
};

enum cell_state {
	CELL_TODO,
	CELL_PASSED,
	CELL_FAILED,		/* a test failed */
	CELL_SKIPPED,		/* every test was skipped */
	CELL_IMPOSSIBLE,	/* no such kernel any more, or sptest could not go on */
};

struct cell {
	char *kernel;
	char *version;		/* of the package that it was done with; "": not known, or not done */
	const char *mmu, *suite;
	enum cell_state state;
	double duration_s;	/* of the run, or of the last time it was run; 0: not known */
	char *why;		/* it was not run, or not tested; else "" */
};

struct matrix {
	struct matrix_options options;
	struct cell *cells;
	size_t count;
	struct matrix_kernels kernels;
	char *state_path;
	char *began;		/* ISO 8601, UTC; of one that was interrupted: the first time */
};

/*
 * Until the process ends nobody else runs a matrix in this folder, which is made if need be. Dies (STATUS_USAGE) if
 * one is at work there.
 */
void matrix_lock(const char *out);

/* The cells, longest first, with what an interrupted matrix of the same options has done. Dies on bad input. */
void matrix_make(struct matrix *matrix, const struct matrix_options *options, bool restart);
void matrix_free(struct matrix *matrix);

/* What the kernels are chosen by. */
const char *matrix_words(const struct matrix_options *options);

/* May it be started when so much is left of a budget? If not, cell->why is set. */
bool matrix_fits(struct cell *cell, double left_s);

/* Runs it and notes its end. */
void matrix_run(struct matrix *matrix, struct cell *cell);

#endif
