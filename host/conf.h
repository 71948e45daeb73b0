/* SPDX-License-Identifier: GPL-2.0-only */
/* Small "key = value" files; # starts a comment line. */
#ifndef SPTEST_CONF_H
#define SPTEST_CONF_H

#include <stddef.h>

struct conf_pair {
	const char *key, *value;
	unsigned int line;	/* from 1 */
};

struct conf {
	char *path, *text;
	struct conf_pair *pairs;
	size_t count;
};

/* Reads path; known is a NULL-ended list of keys. Dies (STATUS_USAGE) on any other line. -errno. */
int conf_load(struct conf *conf, const char *path, const char *const known[]);
void conf_free(struct conf *conf);

/* NULL when it is not set. */
const char *conf_get(const struct conf *conf, const char *key);

/* The first of that key, or NULL. */
const struct conf_pair *conf_find(const struct conf *conf, const char *key);

#endif
