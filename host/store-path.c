// SPDX-License-Identifier: GPL-2.0-only
#include "store-path.h"

#include <string.h>

#include "die.h"
#include "path.h"

#define RUNS "results/runs"
#define DEFAULT RUNS "/" STORE_NAME

void store_open_default(struct store *store, const char *path)
{
	char error[STORE_ERROR];
	int err;

	if (!path) {
		err = path_mkdirs(RUNS);
		if (err)
			die(STATUS_USAGE, RUNS ": %s: name the database with --store", strerror(-err));
		path = DEFAULT;
	}
	if (store_open(store, path, error))
		die(STATUS_HARNESS, "%s", error);
}

void store_open_there(struct store *store, const char *path)
{
	const char *file = path ? path : DEFAULT;

	if (!path_exists(file))
		die(STATUS_USAGE, "%s: there is no such database", file);
	store_open_default(store, file);
}

void store_open_words(struct store *store, const char *path, char **words)
{
	const char *file = path ? path : DEFAULT;

	if (!*words)
		return store_open_there(store, path);
	for (; !path_exists(file) && *words; words++)
		if (!store_is_folder(*words))
			die(STATUS_USAGE, "%s: no %s run: no run folder, and there is no database %s", *words,
			    strcmp(*words, STORE_LAST_GREEN) ? "such" : "green", file);
	store_open_default(store, path);
}
