// SPDX-License-Identifier: GPL-2.0-only
#include "snapshot.h"

#include <stdlib.h>

#include "cache.h"
#include "die.h"
#include "path.h"

#define FOLDER "snapshots"
#define KEEP 12	/* a matrix of four kernels in three modes; each is some 100 MB */

char *snapshot_path(const struct machine_config *config)
{
	char *dir = path_cache(FOLDER), hash[17], *path;

	machine_identity(config, hash);
	path = xasprintf("%s/%s", dir, hash);
	free(dir);
	return path;
}

int snapshot_save(struct machine *machine, const char *path)
{
	int err = machine_save(machine, path);

	cache_prune(FOLDER, KEEP);
	return err;
}
