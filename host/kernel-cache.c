// SPDX-License-Identifier: GPL-2.0-only
#include "kernel-cache.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive.h"
#include "conf.h"
#include "die.h"
#include "kernel-files.h"
#include "kernel.h"
#include "lock.h"
#include "path.h"
#include "proc.h"

#define UNFINISHED ".new"

static const char *const keys[] = {
	"release", "source", "package", "version", "suite", NULL,
};

static char *copy(const struct conf *conf, const char *key)
{
	const char *value = conf_get(conf, key);

	return xstrdup(value ? value : "");
}

bool kernel_cache_get(struct cached_kernel *cached, const char *name)
{
	char *kernels = path_cache("kernels");
	char *folder = xasprintf("%s/%s", kernels, name);
	char *path = xasprintf("%s/kernel.conf", folder);
	struct conf conf;
	bool ok = !conf_load(&conf, path, keys);

	if (ok)
		*cached = (struct cached_kernel){
			.folder = xstrdup(folder),
			.release = copy(&conf, "release"),
			.source = copy(&conf, "source"),
			.package = copy(&conf, "package"),
			.version = copy(&conf, "version"),
			.suite = copy(&conf, "suite"),
		};
	conf_free(&conf);
	free(path);
	free(folder);
	free(kernels);
	return ok;
}

void kernel_cache_free(struct cached_kernel *cached)
{
	free(cached->folder);
	free((char *)cached->release);
	free((char *)cached->source);
	free((char *)cached->package);
	free((char *)cached->version);
	free((char *)cached->suite);
}

struct cached_kernel *kernel_cache_all(size_t *count)
{
	char *kernels = path_cache("kernels");
	struct cached_kernel *all = NULL, one;
	DIR *stream = opendir(kernels);
	struct dirent *entry;

	*count = 0;
	while (stream && (entry = readdir(stream))) {
		if (entry->d_name[0] == '.' || !kernel_cache_get(&one, entry->d_name))
			continue;
		all = xrealloc(all, (*count + 1) * sizeof(*all));
		all[(*count)++] = one;
	}
	if (stream)
		closedir(stream);
	free(kernels);
	return all;
}

void kernel_cache_use(const struct cached_kernel *cached, struct kernel *kernel)
{
	char *modules = xasprintf("%s/lib/modules/%s", cached->folder, cached->release);
	char *config = xasprintf("%s/config", cached->folder);
	char *dep = xasprintf("%s/modules.dep", modules);

	kernel->release = xstrdup(cached->release);
	kernel->source = xstrdup(cached->source);
	kernel->image = xasprintf("%s/vmlinuz", cached->folder);
	kernel->modules = path_exists(dep) ? xstrdup(modules) : NULL;
	kernel->config = path_exists(config) ? xstrdup(config) : NULL;
	free(dep);
	free(config);
	free(modules);
}

/* Where a package's files go. Debian's layouts: boot/vmlinuz-R, (usr/)lib/modules/R/vmlinuz. */
static char *place(const char *name)
{
	const char *base = strrchr(name, '/');

	base = base ? base + 1 : name;
	if (!strncmp(name, "usr/lib/", 8))
		name += 4;
	if (!strncmp(name, "boot/vmlinuz", 12))
		return xstrdup("vmlinuz");
	if (!strncmp(name, "boot/config", 11))
		return xstrdup("config");
	if (strncmp(name, "lib/modules/", 12) || !strcmp(base, "System.map"))
		return NULL;
	if (!strcmp(base, "vmlinuz") || !strcmp(base, "config"))
		return xstrdup(base);
	return xstrdup(name);
}

static int unpack(const char *deb, const char *dir, char error[400])
{
	char text[200];
	int err = archive_extract_deb(deb, dir, place, text);

	if (err)
		snprintf(error, 400, "%s: %s", deb, text);
	return err;
}

/* What fetch() has put into dir; each package is deleted once it is unpacked. */
static int unpack_fetched(const char *dir, const char *into, char error[400])
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	int err = 0;

	if (!stream)
		return -errno;
	while (!err && (entry = readdir(stream))) {
		char *path;

		if (entry->d_name[0] == '.')
			continue;
		path = xasprintf("%s/%s", dir, entry->d_name);
		err = unpack(path, into, error);
		unlink(path);
		free(path);
	}
	closedir(stream);
	return err;
}

int kernel_depmod(const char *dir, const char *release)
{
	const char *argv[] = { "depmod", "-b", dir, release, NULL };
	int ret = proc_in_path("depmod") ? 0 : access("/sbin/depmod", X_OK);

	if (ret)
		return -ENOENT;
	if (!proc_in_path("depmod"))
		argv[0] = "/sbin/depmod";
	ret = proc_run(argv, NULL);
	return ret > 0 ? -EIO : ret;
}

static int finish(const char *dir, const struct cached_kernel *origin, char error[400])
{
	char *image = xasprintf("%s/vmlinuz", dir), *conf = xasprintf("%s/kernel.conf", dir);
	char *release = kernel_image_release(image), *modules, *text;
	int err = -ENOENT;

	if (!release) {
		snprintf(error, 400, "no kernel image in %s", origin->source);
		goto out;
	}
	modules = xasprintf("%s/lib/modules/%s", dir, release);
	err = path_exists(modules) ? kernel_depmod(dir, release) : 0;
	free(modules);
	if (err) {
		snprintf(error, 400, "depmod: %s (Debian package kmod)", strerror(-err));
		goto out;
	}
	text = xasprintf("release = %s\nsource = %s\npackage = %s\nversion = %s\nsuite = %s\n",
			 release, origin->source, origin->package, origin->version, origin->suite);
	err = file_write(conf, text, strlen(text), 0644);
	free(text);
out:
	free(release);
	free(conf);
	free(image);
	return err;
}

static int fill(const char *dir, const struct cached_kernel *origin, const char *const debs[],
		size_t count, int (*fetch)(void *arg, const char *dir, char error[400]), void *arg,
		char error[400])
{
	char *fetched = xasprintf("%s/fetched", dir);
	int err = path_mkdirs(fetched);

	error[0] = '\0';
	if (!err && fetch)
		err = fetch(arg, fetched, error);
	for (size_t i = 0; !err && i < count; i++)
		err = unpack(debs[i], dir, error);
	if (!err)
		err = unpack_fetched(fetched, dir, error);
	rmdir(fetched);
	if (!err)
		err = finish(dir, origin, error);
	if (err && !error[0])
		snprintf(error, 400, "%s: %s", dir, strerror(-err));
	free(fetched);
	return err;
}

int kernel_cache_add(const char *name, const struct cached_kernel *origin,
		     const char *const debs[], size_t count,
		     int (*fetch)(void *arg, const char *dir, char error[400]), void *arg,
		     char error[400])
{
	char *kernels = path_cache("kernels");
	char *folder = xasprintf("%s/%s", kernels, name);
	char *new = xasprintf("%s/" UNFINISHED, kernels);
	int lock = lock_take("kernels"), err = 0;

	if (path_exists(folder))	/* another sptest was faster */
		goto out;
	path_remove_tree(new);		/* left by one that was killed */
	err = fill(new, origin, debs, count, fetch, arg, error);
	if (!err && rename(new, folder)) {
		err = -errno;
		snprintf(error, 400, "%s: %s", folder, strerror(-err));
	}
	if (err)
		path_remove_tree(new);
out:
	lock_drop(lock);
	free(new);
	free(folder);
	free(kernels);
	return err;
}
