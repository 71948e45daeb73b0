/* SPDX-License-Identifier: GPL-2.0-only */
/* What is in the store, for people and for programs. */
#ifndef SPTEST_STORE_SHOW_H
#define SPTEST_STORE_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "store.h"

/* All of them: 0 or -errno with a line. */

/* A line a run, newest first. */
int store_list(struct store *store, FILE *out, bool json, char error[STORE_ERROR]);

enum store_form {
	STORE_PLAIN,
	STORE_COLOUR,	/* with ANSI sequences */
	STORE_JSON,
};

/* The ANSI sequence that a verdict is printed with, or "". */
const char *store_tint(const char *verdict);

/* Each test's newest verdict, tests and modes down, kernels across. */
int store_matrix(struct store *store, FILE *out, enum store_form form, char error[STORE_ERROR]);

/* One test, its verdict in each run that had it, oldest first. -ENOENT: none had. */
int store_trend(struct store *store, const char *test, FILE *out, enum store_form form, char error[STORE_ERROR]);

/* What one test measured, by figure, in each run that had it, oldest first. -ENOENT: none had. */
int store_figures(struct store *store, const char *test, FILE *out, bool json, char error[STORE_ERROR]);

/* What campaigns of mutants came to, as Markdown (-ENOENT: there is none) or JSON. */
int store_mutants(struct store *store, FILE *out, bool json, char error[STORE_ERROR]);

#endif
