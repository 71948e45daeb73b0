// SPDX-License-Identifier: GPL-2.0-only
#include "cache.h"

#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "path.h"

#define SECONDS_IN_USE 3600

static int newer_first(const void *a, const void *b)
{
	struct stat x = { 0 }, y = { 0 };

	stat(*(char *const *)a, &x);
	stat(*(char *const *)b, &y);
	return (x.st_mtime < y.st_mtime) - (x.st_mtime > y.st_mtime);
}

static bool is_old(const char *path)
{
	struct stat st;

	return !stat(path, &st) && st.st_mtime + SECONDS_IN_USE < time(NULL);
}

void cache_prune(const char *name, unsigned int keep)
{
	char *dir = path_cache(name), *pattern = xasprintf("%s/*", dir);
	glob_t found;

	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
		qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), newer_first);
		for (size_t i = keep; i < found.gl_pathc; i++)
			if (is_old(found.gl_pathv[i]))
				unlink(found.gl_pathv[i]);
		globfree(&found);
	}
	free(pattern);
	free(dir);
}
