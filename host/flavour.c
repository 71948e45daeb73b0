// SPDX-License-Identifier: GPL-2.0-only
#include "flavour.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "hash.h"
#include "path.h"

static const char *const keys[] = { "fragments", "patches", NULL };

/* The user's own file wins. */
static char *data_path(const char *folder, const char *name)
{
	char *own_folder = path_config(folder), *own = xasprintf("%s/%s", own_folder, name);
	char *relative;

	free(own_folder);
	if (path_exists(own))
		return own;
	free(own);
	relative = xasprintf("%s/%s", folder, name);
	own = path_share(relative);
	free(relative);
	return own;
}

static char *conf_path(const char *name)
{
	char *file = xasprintf("%s.conf", name), *path = data_path("flavours", file);

	free(file);
	return path;
}

static void add(struct flavour *flavour, char *path)
{
	flavour->files = xrealloc(flavour->files, (flavour->count + 1) * sizeof(char *));
	flavour->files[flavour->count++] = path;
}

static void add_fragments(struct flavour *flavour, const char *names)
{
	char *copy = xstrdup(names), *rest = copy, *name;

	while ((name = strsep(&rest, " \t"))) {
		char *file, *path;

		if (!*name)
			continue;
		file = xasprintf("%s.config", name);
		path = data_path("fragments", file);
		free(file);
		if (!path_exists(path))
			die(STATUS_USAGE, "flavour %s: no fragment %s: %s is not there",
			    flavour->name, name, path);
		add(flavour, path);
	}
	flavour->fragments = flavour->count;
	free(copy);
}

/* FOLDER/6.12/X.patch instead of FOLDER/X.patch, for a version that needs it otherwise. */
static char *for_version(const char *folder, const char *patch, const char *version)
{
	size_t n = strcspn(version, ".");
	char *path;

	n += version[n] ? 1 + strcspn(version + n + 1, ".-~+") : 0;
	path = xasprintf("%s/%.*s%s", folder, (int)n, version, strrchr(patch, '/'));
	if (path_exists(path))
		return path;
	free(path);
	return xstrdup(patch);
}

static void add_patches(struct flavour *flavour, const char *series, const char *version)
{
	char *folder = data_path("patches", series), *pattern = xasprintf("%s/*.patch", folder);
	glob_t found;

	if (glob(pattern, 0, NULL, &found))
		die(STATUS_USAGE, "flavour %s: no patches %s: %s matches nothing", flavour->name, series,
		    pattern);
	for (size_t i = 0; i < found.gl_pathc; i++)
		add(flavour, for_version(folder, found.gl_pathv[i], version));
	globfree(&found);
	free(pattern);
	free(folder);
}

bool flavour_find(struct flavour *flavour, const char *word, const char **version)
{
	const char *dash = strrchr(word, '-');
	struct conf conf;
	char *path;
	int err;

	if (!dash || dash == word || strchr(word, '/'))
		return false;
	if (!strncmp(dash, "-rc", 3))		/* debug-7.3-rc */
		while (dash > word && *--dash != '-')
			;
	if (dash == word || !isdigit((unsigned char)dash[1]))
		return false;
	*flavour = (struct flavour){ .name = strndup(word, dash - word) };
	*version = dash + 1;
	path = conf_path(flavour->name);
	err = conf_load(&conf, path, keys);
	if (!err) {
		add_fragments(flavour, conf_get(&conf, "fragments") ?: "");
		if (conf_get(&conf, "patches"))
			add_patches(flavour, conf_get(&conf, "patches"), *version);
		conf_free(&conf);
	}
	free(path);
	if (err == -ENOENT) {
		flavour_free(flavour);
		return false;
	}
	if (err)
		die(STATUS_USAGE, "flavour %s: %s", flavour->name, strerror(-err));
	return true;
}

void flavour_free(struct flavour *flavour)
{
	for (size_t i = 0; i < flavour->count; i++)
		free(flavour->files[i]);
	free(flavour->files);
	free(flavour->name);
}

uint64_t flavour_hash(const struct flavour *flavour)
{
	uint64_t hash = hash_add_string(HASH_START, flavour->name);

	for (size_t i = 0; i < flavour->count; i++) {
		char *text = file_read(flavour->files[i], NULL);

		if (!text)
			die(STATUS_HARNESS, "%s: %s", flavour->files[i], strerror(errno));
		hash = hash_add_string(hash, text);
		free(text);
	}
	return hash;
}

/* Adds ", NAME" for each .conf file of folder, which is freed. */
static char *add_names(char *names, char *folder)
{
	char *pattern = xasprintf("%s/*.conf", folder);
	glob_t found;

	if (!glob(pattern, 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			const char *base = strrchr(found.gl_pathv[i], '/') + 1;
			char *longer = xasprintf("%s%s%.*s", names, *names ? ", " : "",
						 (int)(strlen(base) - strlen(".conf")), base);

			free(names);
			names = longer;
		}
		globfree(&found);
	}
	free(pattern);
	free(folder);
	return names;
}

char *flavour_names(void)
{
	char *names = add_names(xstrdup(""), path_share("flavours"));

	return add_names(names, path_config("flavours"));
}
