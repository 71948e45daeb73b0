/* SPDX-License-Identifier: GPL-2.0-only */
/* A deadlock's file made smaller: fewer actors, less memory, shorter, as long as the deadlock comes. */
#ifndef SPTEST_DEADLOCK_MINIMISE_H
#define SPTEST_DEADLOCK_MINIMISE_H

#include <stdbool.h>

#include "deadlock-recipe.h"

/* One that was made smaller: is the deadlock still there? what: the change, in words. */
typedef bool recipe_judge(const struct recipe *recipe, const char *what, void *context);

/*
 * Tries each way to make it smaller, and keeps what the judge says yes to: pressures one by one, jobs, guests and
 * percentages by halves, the duration. Returns how many were kept.
 */
unsigned int recipe_minimise(struct recipe *recipe, recipe_judge *judge, void *context);

#endif
