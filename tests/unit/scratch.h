/* SPDX-License-Identifier: GPL-2.0-only */
/* A scratch folder as *state, which is also home of cache and configuration; and files in it. */
#ifndef SPTEST_SCRATCH_H
#define SPTEST_SCRATCH_H

#include "unit.h"

#include <libgen.h>
#include <string.h>

#include "host/die.h"
#include "host/path.h"

static inline int scratch_make(void **state)
{
	char dir[] = "/tmp/sptest-unit.XXXXXX", *cache, *config;

	if (!mkdtemp(dir))
		return -1;
	*state = strdup(dir);
	cache = xasprintf("%s/cache", dir);
	config = xasprintf("%s/config", dir);
	setenv("XDG_CACHE_HOME", cache, 1);
	setenv("XDG_CONFIG_HOME", config, 1);
	unsetenv("SPTEST_MIRROR");
	free(config);
	free(cache);
	return 0;
}

static inline int scratch_remove(void **state)
{
	int err = path_remove_tree(*state);

	free(*state);
	return err;
}

/* Writes a file below the scratch folder, with its folders; the path is the caller's to free. */
static inline char *scratch_file(void **state, const char *name, const void *data, size_t size)
{
	char *path = xasprintf("%s/%s", (char *)*state, name), *dir = xstrdup(path);

	assert_int_equal(path_mkdirs(dirname(dir)), 0);
	assert_int_equal(file_write(path, data, size, 0644), 0);
	free(dir);
	return path;
}

static inline void scratch_text(void **state, const char *name, const char *text)
{
	free(scratch_file(state, name, text, strlen(text)));
}

/* As much of a bzImage as names its release; 0x400 bytes. */
static inline void scratch_bzimage(void **state, const char *name, const char *release)
{
	char image[0x400] = { 0 };

	memcpy(image + 0x202, "HdrS", 4);
	image[0x20f] = 0x1;		/* kernel_version: 0x100, that is at 0x300 */
	snprintf(image + 0x300, 0x100, "%s (builder@host) #1 SMP", release);
	free(scratch_file(state, name, image, sizeof(image)));
}

#endif
