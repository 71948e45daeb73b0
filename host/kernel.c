// SPDX-License-Identifier: GPL-2.0-only
#include "kernel.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "die.h"
#include "hash.h"
#include "kernel-build.h"
#include "kernel-cache.h"
#include "kernel-files.h"
#include "kernel-list.h"
#include "kernel-versions.h"
#include "path.h"
#include "proc.h"

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_deb(const char *word)
{
	size_t n = strlen(word);

	return n > 4 && !strcmp(word + n - 4, ".deb");
}

static void use_folder(struct kernel *kernel, const char *folder)
{
	struct cached_kernel cached;

	if (!kernel_cache_get(&cached, folder))
		die(STATUS_HARNESS, "%s is incomplete in the cache: remove it there", folder);
	kernel_cache_use(&cached, kernel);
	kernel_cache_free(&cached);
}

/* Paths, sizes and times of the packages name the folder: one that was built anew is another. */
static char *debs_folder(char *debs[], size_t count)
{
	uint64_t hash = HASH_START;
	char hex[17];

	for (size_t i = 0; i < count; i++) {
		char *real = realpath(debs[i], NULL);
		struct stat st;

		if (!real || stat(real, &st))
			die(STATUS_USAGE, "%s: %s", debs[i], strerror(errno));
		hash = hash_add_string(hash, real);
		hash = hash_add(hash, &st.st_size, sizeof(st.st_size));
		hash = hash_add(hash, &st.st_mtim, sizeof(st.st_mtim));
		free(real);
	}
	hash_format(hash, hex);
	return xasprintf("deb-%s", hex);
}

static void find_debs(struct kernel *kernel, const char *word)
{
	struct cached_kernel origin = { .package = "", .version = "", .suite = "" };
	char *copy = xstrdup(word), *rest = copy, *deb, **debs = NULL, *folder;
	char error[400];
	size_t count = 0;

	while ((deb = strsep(&rest, ","))) {
		debs = xrealloc(debs, (count + 1) * sizeof(*debs));
		debs[count++] = deb;
	}
	folder = debs_folder(debs, count);
	origin.source = word;
	if (kernel_cache_add(folder, &origin, (const char *const *)debs, count, NULL, NULL, error))
		die(STATUS_USAGE, "%s", error);
	use_folder(kernel, folder);
	free(folder);
	free(debs);
	free(copy);
}

static void find_path(struct kernel *kernel, const char *word)
{
	if (is_deb(word))
		find_debs(kernel, word);
	else if (is_dir(word))
		kernel_from_tree(kernel, word);
	else
		kernel_from_image(kernel, word);
}

/* -ENOENT: the mirror no longer has it, though the indexes in the cache say so. */
static int use_version(struct kernel *kernel, const struct kernel_version *version, bool last)
{
	char error[400];
	int err;

	if (!version->whole)
		die(STATUS_USAGE, "%s: the archive (%s) no longer has its modules: choose another, see sptest kernels list",
		    version->version, version->suite);
	err = kernel_version_fetch(version, error);
	if (err && (err != -ENOENT || last))
		die(STATUS_USAGE, "%s cannot be fetched: %s", version->version, error);
	if (!err)
		use_folder(kernel, version->folder);
	return err;
}

/* One try, with the indexes in the cache or with new ones. -EAGAIN: new ones may help. */
static int try_version(struct kernel *kernel, const char *word, const struct kernel_list *list,
		       bool refresh)
{
	const struct kernel_version *version;
	struct kernel_versions versions;
	bool last;
	int err = 0;

	kernel_versions_load(&versions, list, refresh);
	last = refresh || versions.error[0];
	version = kernel_versions_find(&versions, word);
	if (!version && versions.error[0] && !word && versions.count) {
		version = &versions.all[0];
		note("no package indexes (%s): taking the newest kernel in the cache", versions.error);
	}
	if (!version && versions.error[0] && (word || proc_in_path("apt-get")))
		die(STATUS_USAGE, "%s is not in the cache, and there are no package indexes: %s",
		    word ? word : "a default kernel", versions.error);
	if (version)
		err = use_version(kernel, version, last);
	if (err || (!version && word && !last))
		err = -EAGAIN;
	else if (!version)
		err = -ENOENT;
	kernel_versions_free(&versions);
	return err;
}

/* What the indexes in the cache do not know may have come since: they are read anew once. */
static bool find_version(struct kernel *kernel, const char *word, const struct kernel_list *list)
{
	int err = try_version(kernel, word, list, false);

	if (err == -EAGAIN)
		err = try_version(kernel, word, list, true);
	return !err;
}

static bool find_listed(struct kernel *kernel, const char *word, const struct kernel_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct kernel_source *source = &list->sources[i];

		if (!source->image || strcmp(source->name, word))
			continue;
		find_path(kernel, source->image);
		if (!source->modules)
			return true;
		free(kernel->modules);
		kernel->modules = kernel_modules_folder(source->modules, kernel->release);
		return true;
	}
	return false;
}

static void find_word(struct kernel *kernel, const char *word)
{
	bool is_version = isdigit((unsigned char)word[0]) && !strchr(word, '/') && !is_deb(word);
	struct kernel_list list;

	if (!strcmp(word, "running")) {
		kernel_from_running(kernel);
		return;
	}
	if (strchr(word, '/') || is_deb(word)) {
		find_path(kernel, word);
		return;
	}
	kernel_list_load(&list);
	if (!find_listed(kernel, word, &list) &&
	    !kernel_build_word(kernel, word, &list)) {
		if (!is_version && path_exists(word))
			find_path(kernel, word);
		else if (!is_version)
			die(STATUS_USAGE, "%s: neither a version, a file nor in the list of kernels: see sptest kernels list",
			    word);
		else if (!find_version(kernel, word, &list))
			die(STATUS_USAGE, "%s: no such version in the suites of the list: see sptest kernels list",
			    word);
	}
	kernel_list_free(&list);
}

static void find_default(struct kernel *kernel)
{
	struct kernel_list list;

	kernel_list_load(&list);
	if (!find_version(kernel, NULL, &list)) {
		note("no kernel package for this machine's own suites: taking the running kernel");
		kernel_from_running(kernel);
	}
	kernel_list_free(&list);
}

static char *hash_file(const char *path)
{
	char *text = file_read(path, NULL), hex[17];

	if (!text)
		return NULL;
	hash_format(hash_add_string(HASH_START, text), hex);
	free(text);
	return xstrdup(hex);
}

void kernel_find(struct kernel *kernel, const char *word, const char *modules)
{
	memset(kernel, 0, sizeof(*kernel));
	if (word)
		find_word(kernel, word);
	else
		find_default(kernel);
	if (modules) {
		free(kernel->modules);
		kernel->modules = kernel_modules_folder(modules, kernel->release);
		if (!kernel->modules)
			die(STATUS_USAGE, "%s: no modules.dep for %s there: give the folder that make modules_install filled",
			    modules, kernel->release);
	}
	kernel->version = kernel_image_version(kernel->image);
	kernel->config_hash = kernel->config ? hash_file(kernel->config) : NULL;
}

void kernel_release(struct kernel *kernel)
{
	free(kernel->release);
	free(kernel->version);
	free(kernel->source);
	free(kernel->image);
	free(kernel->modules);
	free(kernel->config);
	free(kernel->config_hash);
	memset(kernel, 0, sizeof(*kernel));
}
