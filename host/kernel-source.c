// SPDX-License-Identifier: GPL-2.0-only
#include "kernel-source.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "archive.h"
#include "die.h"
#include "hash.h"
#include "kernel-list.h"
#include "path.h"
#include "proc.h"
#include "version.h"

#define PREFIX "linux-source-"

static bool is_source_of(const struct package *package, const char *version)
{
	char *upstream;
	bool matches;

	if (strncmp(package->name, PREFIX, strlen(PREFIX)))
		return false;
	upstream = version_upstream(package->version);
	matches = version_matches(upstream, version);
	free(upstream);
	return matches;
}

static const struct package *newest(const struct packages *packages, const char *version)
{
	const struct package *found = NULL;

	for (size_t i = 0; i < packages->count; i++) {
		const struct package *package = &packages->all[i];

		if (is_source_of(package, version) &&
		    (!found || version_compare(package->version, found->version) > 0))
			found = package;
	}
	return found;
}

void kernel_source_find(struct kernel_build_input *input, const char *version,
			const struct kernel_list *list)
{
	const struct package *package;
	char *sources, error[400];

	memset(input, 0, sizeof(*input));
	if (!packages_open(&input->packages, list, false, error))
		die(STATUS_USAGE, "no package indexes, so no source of %s: %s", version, error);
	package = newest(&input->packages, version);
	if (!package)
		die(STATUS_USAGE, "no " PREFIX "* package for %s in the suites of the list: give a tree to sptest kernels build --tree",
		    version);
	sources = path_cache("sources");
	input->package = package;
	input->name = xstrdup(version);
	input->version = version_upstream(package->version);
	input->path = xasprintf("%s/%s_%s.tar.xz", sources, package->name, package->version);
	input->description = xasprintf("%s %s (%s)", package->name, package->version, package->suite);
	input->hash = hash_add_string(hash_add_string(HASH_START, package->name), package->version);
	free(sources);
}

static char *place_tarball(const char *name)
{
	const char *base = strrchr(name, '/');

	if (!base || strncmp(base + 1, PREFIX, strlen(PREFIX)) || !strstr(base, ".tar."))
		return NULL;
	return xstrdup("tarball");
}

/* The one package that apt has put into dir. */
static int unpack_package(const char *dir, char error[200])
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	int err = -ENOENT;

	while (stream && err && (entry = readdir(stream))) {
		char *deb;

		if (entry->d_name[0] == '.')
			continue;
		deb = xasprintf("%s/%s", dir, entry->d_name);
		err = archive_extract_deb(deb, dir, place_tarball, error);
		free(deb);
	}
	if (stream)
		closedir(stream);
	return err;
}

void kernel_source_fetch(struct kernel_build_input *input)
{
	char *dir, *tarball, error[400] = "";
	int err;

	if (!input->package || path_exists(input->path))
		return;
	dir = xasprintf("%s.new", input->path);
	tarball = xasprintf("%s/tarball", dir);
	path_remove_tree(dir);
	note("fetching %s %s (%lu MiB, %s)", input->package->name, input->package->version,
	     input->package->size >> 20, input->package->suite);
	err = path_mkdirs(dir);
	if (!err)
		err = packages_download(input->package, dir, error);
	if (!err)
		err = unpack_package(dir, error);
	if (!err && rename(tarball, input->path))
		err = -errno;
	path_remove_tree(dir);
	if (err)
		die(STATUS_HARNESS, "%s: %s", input->package->name, error[0] ? error : strerror(-err));
	free(tarball);
	free(dir);
}

/* What git calls it, or NULL: not a git tree. */
static char *git_say(const char *tree, const char *const words[])
{
	const char *argv[12] = { "git", "-C", tree };
	char *text;

	for (size_t i = 0; words[i]; i++)
		argv[3 + i] = words[i];
	text = proc_capture(argv, NULL);
	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

/* VERSION and PATCHLEVEL of the top Makefile. */
static char *makefile_version(const char *tree)
{
	char *path = xasprintf("%s/Makefile", tree), *text = file_read(path, NULL), *at;
	int version = 0, patchlevel = 0;

	at = text ? strstr(text, "VERSION = ") : NULL;
	if (!at || sscanf(at, "VERSION = %d\nPATCHLEVEL = %d", &version, &patchlevel) != 2)
		die(STATUS_USAGE, "%s: not a kernel source tree", tree);
	free(text);
	free(path);
	return xasprintf("%d.%d", version, patchlevel);
}

/* A tarball is named after its version: linux-6.12.95.tar.xz. */
static char *tarball_version(const char *path)
{
	const char *digits = strrchr(path, '/') + 1;

	digits += strcspn(digits, "0123456789");
	if (!*digits || !strstr(digits, ".tar"))
		die(STATUS_USAGE, "%s: neither a kernel source tree nor a tarball named linux-VERSION.tar.*",
		    path);
	return strndup(digits, strstr(digits, ".tar") - digits);
}

/* A plain tree says nothing of what changed in it: each build looks at all of it again. */
static uint64_t tree_hash(const char *tree, uint64_t hash)
{
	char *head = git_say(tree, (const char *const[]){ "rev-parse", "HEAD", NULL });
	const char *const diff[] = { "git", "-C", tree, "diff", "HEAD", NULL };
	char *changes = head ? proc_capture(diff, NULL) : NULL;
	char *now = xasprintf("%ld %d", (long)time(NULL), getpid());

	hash = hash_add_string(hash, head ? head : now);
	hash = hash_add_string(hash, changes ? changes : "");
	free(now);
	free(changes);
	free(head);
	return hash;
}

static uint64_t file_hash(const struct stat *st, uint64_t hash)
{
	hash = hash_add(hash, &st->st_size, sizeof(st->st_size));
	return hash_add(hash, &st->st_mtim, sizeof(st->st_mtim));
}

static void use_commit(struct kernel_build_input *input, const char *commit)
{
	char *spec = xasprintf("%s^{commit}", commit);

	input->commit = git_say(input->path, (const char *const[]){ "rev-parse", "--verify", spec, NULL });
	if (!input->commit)
		die(STATUS_USAGE, "%s: no commit of the git tree %s", commit, input->path);
	input->hash = hash_add_string(HASH_START, input->commit);
	input->description = xasprintf("%s, commit %.12s", input->path, input->commit);
	free(spec);
}

void kernel_source_path(struct kernel_build_input *input, const char *path, const char *commit)
{
	char hex[17];
	struct stat st;

	memset(input, 0, sizeof(*input));
	input->path = realpath(path, NULL);
	if (!input->path || stat(input->path, &st))
		die(STATUS_USAGE, "%s: %s", path, strerror(errno));
	hash_format(hash_add_string(HASH_START, input->path), hex);
	input->name = xasprintf("tree-%s", hex);
	if (commit) {
		use_commit(input, commit);
	} else {
		input->description = xstrdup(input->path);
		input->hash = hash_add_string(HASH_START, input->path);
		input->hash = S_ISDIR(st.st_mode) ? tree_hash(input->path, input->hash) :
						    file_hash(&st, input->hash);
	}
	input->version = S_ISDIR(st.st_mode) ? makefile_version(input->path) :
					       tarball_version(input->path);
}

void kernel_source_free(struct kernel_build_input *input)
{
	packages_close(&input->packages);
	free(input->name);
	free(input->version);
	free(input->path);
	free(input->commit);
	free(input->description);
}
