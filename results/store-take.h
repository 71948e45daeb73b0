/* SPDX-License-Identifier: GPL-2.0-only */
/* What taking a JSON file into the store is for all kinds of files: known by its content, all or nothing. */
#ifndef SPTEST_STORE_TAKE_H
#define SPTEST_STORE_TAKE_H

#include <jansson.h>

#include "store.h"

struct store_kind {
	const char *table;	/* it has a column hash */
	/* NULL if it is what it must be, else what is wrong with it; it may be mended here. */
	const char *(*check)(json_t *root);
	/* An SQLite code; *id is the new row's. */
	int (*add)(struct store *store, const json_t *root, const char *hash, const char *folder, int64_t *id);
};

/* folder: what the row names as its place. As store_import(). */
int store_take(struct store *store, const struct store_kind *kind, const char *path, const char *folder,
	       int64_t *id, char error[STORE_ERROR]);

/* A member of an object: NULL, 0 if it is missing or of another type. */
const char *member_text(const json_t *object, const char *key);
int64_t member_integer(const json_t *object, const char *key);
double member_real(const json_t *object, const char *key);

#endif
