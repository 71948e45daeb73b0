// SPDX-License-Identifier: GPL-2.0-only
#include "kernel-list.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "hash.h"
#include "path.h"

#define DEBIAN_KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

static const char *const keys[] = {
	"suite", "components", "packages", "uri", "keyring", "image", "modules", NULL,
};

static char *copy(const struct conf *conf, const char *key, const char *fallback)
{
	const char *value = conf_get(conf, key);

	if (!value)
		value = fallback;
	return value ? xstrdup(value) : NULL;
}

static void source_free(struct kernel_source *source)
{
	free(source->name);
	free(source->suite);
	free(source->components);
	free(source->packages);
	free(source->uri);
	free(source->keyring);
	free(source->image);
	free(source->modules);
}

static struct kernel_source *source_slot(struct kernel_list *list, const char *name)
{
	struct kernel_source *source;

	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->sources[i].name, name)) {
			source_free(&list->sources[i]);
			return &list->sources[i];
		}
	list->sources = xrealloc(list->sources, (list->count + 1) * sizeof(*list->sources));
	source = &list->sources[list->count++];
	return source;
}

static void add_file(struct kernel_list *list, const char *dir, const char *file)
{
	char *path = xasprintf("%s/%s", dir, file), *name = xstrdup(file);
	struct kernel_source *source;
	struct conf conf;
	int err;

	name[strlen(name) - strlen(".conf")] = '\0';
	err = conf_load(&conf, path, keys);
	if (err)
		die(STATUS_USAGE, "%s: %s", path, strerror(-err));
	if (!conf_get(&conf, "suite") == !conf_get(&conf, "image"))
		die(STATUS_USAGE, "%s: needs either \"suite\" or \"image\"", path);
	source = source_slot(list, name);
	*source = (struct kernel_source){
		.name = name,
		.suite = copy(&conf, "suite", NULL),
		.components = copy(&conf, "components", "main"),
		.packages = copy(&conf, "packages", "linux-image-*-cloud-amd64"),
		.uri = copy(&conf, "uri", NULL),
		.keyring = copy(&conf, "keyring", DEBIAN_KEYRING),
		.image = copy(&conf, "image", NULL),
		.modules = copy(&conf, "modules", NULL),
	};
	conf_free(&conf);
	free(path);
}

static void add_folder(struct kernel_list *list, char *dir)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && dot > entry->d_name && !strcmp(dot, ".conf"))
			add_file(list, dir, entry->d_name);
	}
	if (stream)
		closedir(stream);
	free(dir);
}

static int by_name(const void *a, const void *b)
{
	const struct kernel_source *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static uint64_t hash_suites(const struct kernel_list *list)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < list->count; i++) {
		const struct kernel_source *source = &list->sources[i];

		if (!source->suite)
			continue;
		hash = hash_add_string(hash, source->suite);
		hash = hash_add_string(hash, source->components);
		hash = hash_add_string(hash, source->packages);
		hash = hash_add_string(hash, source->uri ? source->uri : "");
		hash = hash_add_string(hash, source->keyring);
	}
	return hash;
}

void kernel_list_load(struct kernel_list *list)
{
	memset(list, 0, sizeof(*list));
	add_folder(list, path_share("kernels"));
	add_folder(list, path_config("kernels"));
	if (list->count)
		qsort(list->sources, list->count, sizeof(*list->sources), by_name);
	list->hash = hash_suites(list);
}

void kernel_list_free(struct kernel_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		source_free(&list->sources[i]);
	free(list->sources);
}
