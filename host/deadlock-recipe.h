/* SPDX-License-Identifier: GPL-2.0-only */
/* The text of a deadlock's file, to be changed and written: what workload-file reads as a test. */
#ifndef SPTEST_DEADLOCK_RECIPE_H
#define SPTEST_DEADLOCK_RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "args.h"

struct recipe_line {
	char *key, *value;
};

struct recipe {
	struct recipe_line *lines;
	size_t count;
};

/* Where one of that name is: the user's own, or that of share/; the caller's to free, NULL if there is none. */
char *recipe_find(const char *name);

/* Where --save puts one: a path as it is, a name below the user's own folder, which is made; the caller's to free. */
char *recipe_own_path(const char *name);

/* Dies (STATUS_USAGE) if it cannot be read, with its line if that makes no sense. */
void recipe_load(struct recipe *recipe, const char *path);
struct recipe recipe_copy(const struct recipe *recipe);
void recipe_free(struct recipe *recipe);

/* Written whole or not at all, below that comment of one line. Dies (STATUS_HARNESS) if it cannot be. */
void recipe_write(const struct recipe *recipe, const char *path, const char *comment);

/* The first of that key; NULL: there is none. */
const char *recipe_get(const struct recipe *recipe, const char *key);
void recipe_set(struct recipe *recipe, const char *key, const char *value);
void recipe_drop(struct recipe *recipe, size_t line);

/* A line "option = --NAME=VALUE", instead of one for the same option; without a value it goes. */
void recipe_set_option(struct recipe *recipe, const char *name, const char *value);

/* The value of that, or NULL. */
const char *recipe_option(const struct recipe *recipe, const char *name);

/* All of them, as words. */
void recipe_add_options(const struct recipe *recipe, struct args *args);

#endif
