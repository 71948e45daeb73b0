// SPDX-License-Identifier: GPL-2.0-only
#include "module-farm.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "hash.h"
#include "kernel-cache.h"
#include "lock.h"
#include "path.h"

struct found {
	char **paths;		/* relative to the tree */
	size_t count;
	uint64_t hash;		/* of paths, sizes and times */
};

static bool is_module(const char *name)
{
	size_t n = strlen(name);

	return n > 3 && !strcmp(name + n - 3, ".ko");
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void add_found(struct found *found, const char *path, const struct stat *st)
{
	found->paths = xrealloc(found->paths, (found->count + 1) * sizeof(*found->paths));
	found->paths[found->count++] = xstrdup(path);
	found->hash = hash_add_string(found->hash, path);
	found->hash = hash_add(found->hash, &st->st_size, sizeof(st->st_size));
	found->hash = hash_add(found->hash, &st->st_mtim, sizeof(st->st_mtim));
}

static void find_modules(struct found *found, const char *tree)
{
	char *const roots[] = { (char *)tree, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;

	while (walk && (entry = fts_read(walk)))
		if (entry->fts_info == FTS_F && is_module(entry->fts_name))
			add_found(found, entry->fts_path + strlen(tree) + 1, entry->fts_statp);
	if (walk)
		fts_close(walk);
}

static int link_one(const char *tree, const char *modules, const char *name)
{
	char *target = xasprintf("%s/%s", tree, name);
	char *link = xasprintf("%s/kernel/%s", modules, name), *slash = strrchr(link, '/');
	int err;

	*slash = '\0';
	err = path_mkdirs(link);
	*slash = '/';
	if (!err && symlink(target, link))
		err = -errno;
	free(link);
	free(target);
	return err;
}

/* depmod wants these to know what is built in, and warns when one is not there. */
static int link_lists(const char *tree, const char *modules)
{
	static const char *const names[] = {
		"modules.builtin", "modules.builtin.modinfo", "modules.order",
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(names) / sizeof(*names); i++) {
		char *target = xasprintf("%s/%s", tree, names[i]);
		char *link = xasprintf("%s/%s", modules, names[i]);

		if (!path_exists(target))
			err = file_write(link, "", 0, 0644);
		else if (symlink(target, link))
			err = -errno;
		free(link);
		free(target);
	}
	return err;
}

static int build(const char *dir, const char *tree, const char *release, const struct found *found)
{
	char *modules = xasprintf("%s/lib/modules/%s", dir, release);
	int err = path_mkdirs(modules);

	for (size_t i = 0; !err && i < found->count; i++)
		err = link_one(tree, modules, found->paths[i]);
	if (!err)
		err = link_lists(tree, modules);
	if (!err)
		err = kernel_depmod(dir, release);
	free(modules);
	return err;
}

static bool is_made(const char *farm, const char *stamp)
{
	char *path = xasprintf("%s/stamp", farm), *old = file_read(path, NULL);
	bool made = old && !strcmp(old, stamp);

	free(old);
	free(path);
	return made;
}

/* One farm a tree: an earlier one goes when the tree has changed. */
static void make(const char *farm, const char *stamp, const char *tree, const char *release,
		 const struct found *found)
{
	char *path = xasprintf("%s/stamp", farm);
	int lock = lock_take("trees"), err;

	if (is_made(farm, stamp))
		goto out;
	err = path_remove_tree(farm);
	if (!err)
		err = build(farm, tree, release, found);
	if (!err)
		err = file_write(path, stamp, strlen(stamp), 0644);
	if (err)
		die(STATUS_HARNESS, "%s: modules of %s: %s (is kmod installed?)", farm, tree,
		    strerror(-err));
out:
	lock_drop(lock);
	free(path);
}

char *module_farm(const char *tree, const char *release)
{
	struct found found = { .hash = hash_add_string(HASH_START, release) };
	char *trees = path_cache("trees"), *farm, *folder = NULL;
	char name[17], stamp[17];

	find_modules(&found, tree);
	hash_format(hash_add_string(HASH_START, tree), name);
	hash_format(found.hash, stamp);
	farm = xasprintf("%s/%s", trees, name);
	if (found.count) {
		if (!is_made(farm, stamp))	/* a kernel build holds the lock for long */
			make(farm, stamp, tree, release, &found);
		folder = xasprintf("%s/lib/modules/%s", farm, release);
	}
	for (size_t i = 0; i < found.count; i++)
		free(found.paths[i]);
	free(found.paths);
	free(farm);
	free(trees);
	return folder;
}
