// SPDX-License-Identifier: GPL-2.0-only
#include "kernel-versions.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "kernel-cache.h"
#include "mirror.h"
#include "version.h"

static char *folder_name(const char *package, const char *version)
{
	return xasprintf("%s_%s", package, version);
}

static struct kernel_version *find_folder(struct kernel_versions *versions, const char *folder)
{
	for (size_t i = 0; i < versions->count; i++)
		if (!strcmp(versions->all[i].folder, folder))
			return &versions->all[i];
	return NULL;
}

static struct kernel_version *add(struct kernel_versions *versions, const char *package,
				  const char *package_version, const char *suite)
{
	char *folder = folder_name(package, package_version);
	struct kernel_version *version = find_folder(versions, folder);

	if (version) {
		free(folder);
		return version;
	}
	versions->all = xrealloc(versions->all, (versions->count + 1) * sizeof(*version));
	version = &versions->all[versions->count++];
	*version = (struct kernel_version){
		.version = version_upstream(package_version),
		.package_version = xstrdup(package_version),
		.package = xstrdup(package),
		.suite = xstrdup(suite),
		.folder = folder,
	};
	return version;
}

/* An unsigned build has the same files. */
static const struct package *find_part(const struct packages *packages, const char *name,
				       const char *version)
{
	const struct package *part = packages_get(packages, name, version);
	char *unsigned_name;

	if (part || strncmp(name, "linux-binary-", 13))
		return part;
	unsigned_name = xasprintf("linux-binary-unsigned-%s", name + 13);
	part = packages_get(packages, unsigned_name, version);
	free(unsigned_name);
	return part;
}

/* What a dependency is to an image of this flavour: some of the files lie there. */
enum part { PART_NONE, PART_BASE, PART_NEEDED };

static enum part part_kind(const char *dependency, const char *flavour)
{
	static const char *const starts[] = { "linux-base-", "linux-binary-", "linux-modules-" };

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(starts[i]);

		if (!strncmp(dependency, starts[i], n) && !strcmp(dependency + n, flavour))
			return i ? PART_NEEDED : PART_BASE;
	}
	return PART_NONE;
}

/*
 * Until 6.17 all lies in linux-image-R; with 6.18 the config moves to linux-base-R, later vmlinuz
 * to linux-binary-R and the modules to linux-modules-R. One can do without the config.
 */
static void find_parts(struct kernel_version *version, const struct package *image,
		       const struct packages *packages)
{
	char *depends = xstrdup(image->depends), *rest = depends, *word;
	const char *flavour = image->name + strlen("linux-image-");
	bool split = false;
	size_t count = 0;

	version->whole = true;
	while (count < 3 && (word = strsep(&rest, " ,"))) {
		enum part kind = part_kind(word, flavour);
		const struct package *part;

		if (kind == PART_NONE)
			continue;
		part = find_part(packages, word, image->version);
		if (part)
			version->parts[count++] = part;
		if (kind == PART_NEEDED) {
			split = true;
			version->whole &= part != NULL;
		}
	}
	if (!split)
		version->parts[count++] = image;
	free(depends);
}

/* A package that only depends on the newest image has nothing in it. */
static bool is_meta(const struct package *image)
{
	return !strncmp(image->depends, "linux-image-", 12) ||
	       strstr(image->depends, " linux-image-");
}

/* 0: the first pattern; -1: none. */
static int match_patterns(const char *patterns, const char *name)
{
	char *copy = xstrdup(patterns), *rest = copy, *pattern;
	int rank = -1, i = 0;

	while (rank < 0 && (pattern = strsep(&rest, " \t"))) {
		if (*pattern && !fnmatch(pattern, name, 0))
			rank = i;
		i++;
	}
	free(copy);
	return rank;
}

/* Of a release that comes signed and unsigned the list's first pattern is taken. */
static bool has_better(const struct kernel_source *source, const struct packages *packages,
		       const struct package *image, int rank)
{
	for (size_t i = 0; rank && i < packages->count; i++) {
		const struct package *other = &packages->all[i];
		int other_rank;

		if (strcmp(other->version, image->version) || strcmp(other->suite, image->suite))
			continue;
		other_rank = match_patterns(source->packages, other->name);
		if (other_rank >= 0 && other_rank < rank)
			return true;
	}
	return false;
}

static void add_suite(struct kernel_versions *versions, const struct kernel_source *source)
{
	const struct packages *packages = &versions->packages;

	for (size_t i = 0; i < packages->count; i++) {
		const struct package *image = &packages->all[i];
		struct kernel_version *version;
		int rank;

		if (strcmp(image->suite, source->suite) || is_meta(image))
			continue;
		rank = match_patterns(source->packages, image->name);
		if (rank < 0 || has_better(source, packages, image, rank))
			continue;
		version = add(versions, image->name, image->version, image->suite);
		version->own |= mirror_has_suite(packages->own_suites, image->suite);
		if (!version->parts[0])
			find_parts(version, image, packages);
	}
}

static void add_cached(struct kernel_versions *versions)
{
	size_t count;
	struct cached_kernel *all = kernel_cache_all(&count);

	for (size_t i = 0; i < count; i++) {
		const struct cached_kernel *cached = &all[i];

		if (cached->package[0]) {
			struct kernel_version *version;

			version = add(versions, cached->package, cached->version, cached->suite);
			version->cached = true;
			version->whole = true;
		}
		kernel_cache_free(&all[i]);
	}
	free(all);
}

static int newest_first(const void *a, const void *b)
{
	const struct kernel_version *x = a, *y = b;
	int order = version_compare(y->package_version, x->package_version);

	return order ? order : strcmp(x->folder, y->folder);
}

void kernel_versions_load(struct kernel_versions *versions, const struct kernel_list *list,
			  bool refresh)
{
	memset(versions, 0, sizeof(*versions));
	if (packages_open(&versions->packages, list, refresh, versions->error))
		for (size_t i = 0; i < list->count; i++)
			if (list->sources[i].suite)
				add_suite(versions, &list->sources[i]);
	add_cached(versions);
	if (versions->count)
		qsort(versions->all, versions->count, sizeof(*versions->all), newest_first);
}

void kernel_versions_free(struct kernel_versions *versions)
{
	for (size_t i = 0; i < versions->count; i++) {
		free(versions->all[i].version);
		free(versions->all[i].package_version);
		free(versions->all[i].package);
		free(versions->all[i].suite);
		free(versions->all[i].folder);
	}
	free(versions->all);
	packages_close(&versions->packages);
}

static bool matches(const struct kernel_version *version, const char *word)
{
	if (!word)
		return version->own;
	return version_matches(version->version, word) || !strcmp(version->package_version, word) ||
	       !strcmp(version->package + strlen("linux-image-"), word);
}

const struct kernel_version *kernel_versions_find(const struct kernel_versions *versions,
						  const char *word)
{
	const struct kernel_version *found = NULL;

	for (size_t i = 0; i < versions->count; i++) {
		const struct kernel_version *version = &versions->all[i];

		if (matches(version, word) && (!found || (version->whole && !found->whole)))
			found = version;
	}
	return found;
}

static int fetch_parts(void *arg, const char *dir, char error[400])
{
	const struct kernel_version *version = arg;
	int err = 0;

	for (size_t i = 0; !err && version->parts[i]; i++) {
		const struct package *part = version->parts[i];

		note("fetching %s %s (%lu MiB, %s)", part->name, part->version, part->size >> 20,
		     part->suite);
		err = packages_download(part, dir, error);
	}
	return err;
}

int kernel_version_fetch(const struct kernel_version *version, char error[400])
{
	char *source = xasprintf("%s %s (%s)", version->package, version->package_version,
				 version->suite);
	const struct cached_kernel origin = {
		.source = source,
		.package = version->package,
		.version = version->package_version,
		.suite = version->suite,
	};
	int err;

	err = kernel_cache_add(version->folder, &origin, NULL, 0, fetch_parts, (void *)version,
			       error);
	free(source);
	return err;
}
