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

/* A table that was cut for another list, or from another mirror, is of no use. */
static uint64_t table_key(const struct kernel_list *list)
{
	const char *mirror = getenv("SPTEST_MIRROR");

	return hash_add_string(list->hash, mirror ? mirror : "");
}

static void note_missing(const struct kernel_list *list, const char *indexes)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *suite = list->sources[i].suite;
		char *start;

		if (!suite)
			continue;
		start = xasprintf("\n%s|", suite);
		if (!strstr(indexes, start))
			note("suite %s does not answer: its kernels are left out", suite);
		free(start);
	}
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
	lines = xasprintf("\n%s", indexes ? indexes : "");
	note_missing(list, lines);
	package_index_begin(table, table_key(list), own_suites);
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
	if (!mirror.archive)
		note("no Debian mirror in this machine's apt: set SPTEST_MIRROR to one");
	note("reading the package indexes");
	err = apt_configure(dir, list, &mirror);
	if (err)
		die(STATUS_HARNESS, "%s: %s", dir, strerror(-err));
	err = apt_update(dir);
	if (err && err != 100)		/* 100: something failed, what did not is there */
		snprintf(error, 400, "apt-get update did not run (%d)", err);
	else if (write_table(dir, list, mirror.suites))
		apt_last_error(dir, "update.log", error, 400);
	else
		error[0] = '\0';
	mirror_free(&mirror);
	return !error[0];
}

bool packages_open(struct packages *packages, const struct kernel_list *list, bool refresh,
		   char error[400])
{
	char *dir = path_cache("apt"), *path = xasprintf("%s/kernels.tsv", dir);
	bool ok = !refresh && package_index_load(packages, path, table_key(list));
	int lock;

	if (ok)
		goto out;
	memset(packages, 0, sizeof(*packages));
	if (!proc_in_path("apt-get")) {
		snprintf(error, 400, "this machine has no apt-get");
		goto out;
	}
	lock = lock_take("apt");
	/* Who waited for the lock finds what the other one has fetched. */
	ok = !refresh && package_index_load(packages, path, table_key(list));
	if (!ok)
		ok = update(dir, list, error) && package_index_load(packages, path, table_key(list));
	lock_drop(lock);
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

		if (!strcmp(package->name, name) &&
		    (!version || !strcmp(package->version, version)))
			return package;
	}
	return NULL;
}

int packages_download(const struct package *package, const char *dir, char error[400])
{
	char *apt = path_cache("apt");
	int lock = lock_take("apt");
	int ret = apt_download(apt, dir, package->name, package->version);

	if (ret > 0)
		apt_last_error(apt, "download.log", error, 400);
	else if (ret < 0)
		snprintf(error, 400, "apt-get: %s", strerror(-ret));
	lock_drop(lock);
	free(apt);
	return ret > 0 ? -EIO : ret;
}
