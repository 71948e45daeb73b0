// SPDX-License-Identifier: GPL-2.0-only
#include "cache.h"

#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "path.h"

static int newer_first(const void *a, const void *b)
{
	struct stat x = { 0 }, y = { 0 };

	stat(*(char *const *)a, &x);
	stat(*(char *const *)b, &y);
	return (x.st_mtime < y.st_mtime) - (x.st_mtime > y.st_mtime);
}

void cache_prune(const char *name, unsigned int keep)
{
	char *dir = path_cache(name), *pattern = xasprintf("%s/*", dir);
	glob_t found;

	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
		qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), newer_first);
		for (size_t i = keep; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
		globfree(&found);
	}
	free(pattern);
	free(dir);
}
