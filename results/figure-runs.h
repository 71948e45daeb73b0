/* SPDX-License-Identifier: GPL-2.0-only */
/* Which runs' figures are held against which. */
#ifndef SPTEST_FIGURE_RUNS_H
#define SPTEST_FIGURE_RUNS_H

#include <stdbool.h>

#include "store.h"

struct figure_runs {
	struct store_set a, b;
	bool split_a, split_b;	/* by kernel series and flavour: such parts are no heap together */
	bool any;		/* whatever suite and accelerator they are of */
};

/* As figures_compare() says. Freed by figure_runs_free() if 0. */
int figure_runs_find(struct store *store, const char *word_a, const char *word_b, struct figure_runs *runs,
		     char error[STORE_ERROR]);
void figure_runs_free(struct figure_runs *runs);

/* Makes the temporary table picked (run) of these. An SQLite code. */
int figure_runs_pick(struct store *store, const struct store_set *set);

#endif
