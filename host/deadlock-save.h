/* SPDX-License-Identifier: GPL-2.0-only */
/* What deadlocked, kept as a file of its own (--save), and made smaller by runs of it (--minimise). */
#ifndef SPTEST_DEADLOCK_SAVE_H
#define SPTEST_DEADLOCK_SAVE_H

#include <stdbool.h>

#include "deadlock-recipe.h"
#include "workload-run.h"

/* Before a run that may take long: dies (STATUS_USAGE) if the file is there, or --minimise has no --save. */
void deadlock_save_check(const struct workload_options *o);

/*
 * The recipe becomes what was run: its seed, kernel and options; if the diagnosis did not bear its signature, that of
 * what most tasks of the diagnosis are blocked in. It is written as o->save. If none is, nothing is, and that is said.
 */
void deadlock_save(const struct workload_options *o, struct recipe *recipe, const char *diagnosis, bool expected);

/* What was saved, if it was, by runs of it that each begin anew; the file always has the smallest so far. */
void deadlock_save_minimised(const struct workload_options *o, struct recipe *recipe);

#endif
