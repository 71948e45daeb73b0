// SPDX-License-Identifier: GPL-2.0-only
#include "disk.h"

#include <fts.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "die.h"
#include "path.h"

uint64_t disk_used(const char *path)
{
	char *const roots[] = { (char *)path, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	uint64_t used = 0;
	FTSENT *entry;

	while (walk && (entry = fts_read(walk)))
		if (entry->fts_info == FTS_F || entry->fts_info == FTS_D)
			used += entry->fts_statp->st_blocks * 512ull;
	if (walk)
		fts_close(walk);
	return used;
}

uint64_t disk_free(const char *path)
{
	char *place = xstrdup(path), *slash;
	struct statvfs fs;
	uint64_t bytes = 0;

	while (!path_exists(place) && (slash = strrchr(place, '/')) && slash > place)
		*slash = '\0';
	if (!statvfs(path_exists(place) ? place : ".", &fs))
		bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	free(place);
	return bytes;
}
