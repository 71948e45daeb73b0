/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_STORE_PATH_H
#define SPTEST_STORE_PATH_H

#include "results/store.h"

#define STORE_NAME "results.db"

/* The database at path, or NULL: beside the run folders of ./results/runs. Dies with one line. */
void store_open_default(struct store *store, const char *path);

/* The same, but makes none: where there is no database, that is the end. */
void store_open_there(struct store *store, const char *path);

/*
 * The same for words that name runs: where there is no database yet, only run folders can begin one. Any other
 * word, or none, is the end.
 */
void store_open_words(struct store *store, const char *path, char **words);

#endif
