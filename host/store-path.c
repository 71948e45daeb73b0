// SPDX-License-Identifier: GPL-2.0-only
#include "store-path.h"

#include <string.h>

#include "die.h"
#include "path.h"

#define RUNS "results/runs"

void store_open_default(struct store *store, const char *path)
{
	char error[STORE_ERROR];
	int err;

	if (!path) {
		err = path_mkdirs(RUNS);
		if (err)
			die(STATUS_USAGE, RUNS ": %s: name the database with --store", strerror(-err));
		path = RUNS "/" STORE_NAME;
	}
	if (store_open(store, path, error))
		die(STATUS_HARNESS, "%s", error);
}
