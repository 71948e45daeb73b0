// SPDX-License-Identifier: GPL-2.0-only
#include "packages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apt.h"
#include "die.h"
#include "hash.h"
#include "lock.h"
#include "mirror.h"
#include "package-index.h"
#include "path.h"
#include "proc.h"

/* Which packages a table has room for; another number makes an old one be cut anew. */
#define TABLE_FORMAT "2"

uint64_t packages_table_key(const struct kernel_list *list)
{
	const char *mirror = getenv("SPTEST_MIRROR");

	return hash_add_string(hash_add_string(list->hash, TABLE_FORMAT), mirror ? mirror : "");
}

static void note_missing(const struct kernel_list *list, const char *indexes)
{
	char *missing = xstrdup("");

	for (size_t i = 0; i < list->count; i++) {
		const char *suite = list->sources[i].suite;
		char *start, *longer;

		if (!suite)
			continue;
		start = xasprintf("\n%s|", suite);
		if (!strstr(indexes, start)) {
			longer = xasprintf("%s %s", missing, suite);
			free(missing);
			missing = longer;
		}
		free(start);
	}
	if (*missing)
		note("suites that do not answer, their kernels are left out:%s", missing);
	free(missing);
}

static int cut_indexes(FILE *table, char *indexes)
{
	char *line;
	int count = 0;

	while ((line = strsep(&indexes, "\n"))) {
		const char *suite = strsep(&line, "|");
		int err;

		if (!line || !path_exists(line))
			continue;
		err = package_index_cut(table, suite, line);
		if (err)
			note("%s: %s", line, strerror(-err));
		else
			count++;
	}
	return count;
}

static int write_table(const char *dir, const struct kernel_list *list, const char *own_suites)
{
	char *indexes = apt_indexes(dir), *path = xasprintf("%s/kernels.tsv", dir), *text = NULL;
	size_t size = 0;
	FILE *table = open_memstream(&text, &size);
	int err = 0, count;
	char *lines;

	if (!table)
		die(STATUS_HARNESS, "out of memory");
	package_index_begin(table, packages_table_key(list), own_suites);
	lines = xasprintf("\n%s", indexes ? indexes : "");
	if (lines[1])	/* else the update says why */
		note_missing(list, lines);
	count = cut_indexes(table, lines);
	fclose(table);
	err = count ? file_write(path, text, size, 0644) : -ENOENT;
	free(lines);
	free(text);
	free(path);
	free(indexes);
	return err;
}

static bool update(const char *dir, const struct kernel_list *list, char error[400])
{
	struct mirror mirror;
	int err;

	mirror_find(&mirror);
	note("reading the package indexes");
	err = apt_configure(dir, list, &mirror);
	if (err)
		die(STATUS_HARNESS, "%s: %s", dir, strerror(-err));
	err = apt_update(dir);
	if (err && err != 100)		/* 100: something failed, what did not is there */
		snprintf(error, 400, "apt-get update did not run (%d)", err);
	else if (!write_table(dir, list, mirror.suites))
		error[0] = '\0';
	else if (mirror.archive)
		apt_first_error(dir, "update.log", error, 400);
	else
		snprintf(error, 400, "no Debian mirror in this machine's apt: set SPTEST_MIRROR to one");
	mirror_free(&mirror);
	return !error[0];
}

static bool names_suites(const struct kernel_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->sources[i].suite)
			return true;
	return false;
}

bool packages_open(struct packages *packages, const struct kernel_list *list, bool refresh,
		   char error[400])
{
	char *dir = path_cache("apt"), *path = xasprintf("%s/kernels.tsv", dir);
	bool ok = !refresh && package_index_load(packages, path, packages_table_key(list));
	int lock;

	if (ok)
		goto out;
	memset(packages, 0, sizeof(*packages));
	if (!names_suites(list) || !proc_in_path("apt-get")) {
		snprintf(error, 400, "%s", names_suites(list) ? "this machine has no apt-get" :
			 "the list of kernels names no suite");
		goto out;
	}
	lock = lock_take("apt");
	/* Who waited for the lock finds what the other one has fetched. */
	ok = (!refresh && package_index_load(packages, path, packages_table_key(list))) ||
	     (update(dir, list, error) && package_index_load(packages, path, packages_table_key(list)));
	lock_drop(lock);
	if (ok || !package_index_load(packages, path, 0))
		goto out;
	note("the package indexes cannot be read anew, the old ones must do: %s", error);
	error[0] = '\0';
	ok = true;
out:
	free(path);
	free(dir);
	return ok;
}

void packages_close(struct packages *packages)
{
	free(packages->all);
	free(packages->text);
	memset(packages, 0, sizeof(*packages));
}

const struct package *packages_get(const struct packages *packages, const char *name,
				   const char *version)
{
	for (size_t i = 0; i < packages->count; i++) {
		const struct package *package = &packages->all[i];

		if (!strcmp(package->name, name) && !strcmp(package->version, version))
			return package;
	}
	return NULL;
}

/* From the mirror, or from apt's own indexes, which may be newer or older than the table. */
static bool is_gone(const char *error)
{
	return strstr(error, "404") || strstr(error, "not found") ||
	       strstr(error, "Unable to locate package");
}

int packages_download(const struct package *package, const char *dir, char error[400])
{
	char *apt = path_cache("apt");
	int lock = lock_take("apt");
	int ret = apt_download(apt, dir, package->name, package->version);

	if (ret > 0) {
		apt_first_error(apt, "download.log", error, 400);
		ret = is_gone(error) ? -ENOENT : -EIO;
	} else if (ret < 0) {
		snprintf(error, 400, "apt-get: %s", strerror(-ret));
	}
	lock_drop(lock);
	free(apt);
	return ret;
}
