// SPDX-License-Identifier: GPL-2.0-only
#include "upstream.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "hash.h"
#include "kernel-list.h"
#include "kernel-source.h"
#include "kernel.h"
#include "lock.h"
#include "path.h"
#include "proc.h"

/* Of each file that matches: its text. */
static uint64_t hash_files(uint64_t hash, const glob_t *files)
{
	for (size_t i = 0; i < files->gl_pathc; i++) {
		char *text = file_read(files->gl_pathv[i], NULL);

		if (!text)
			die(STATUS_HARNESS, "%s: %s", files->gl_pathv[i], strerror(errno));
		hash = hash_add_string(hash, text);
		free(text);
	}
	return hash;
}

static void find_lists(glob_t *lists)
{
	char *pattern = path_share("upstream/*.list");

	if (glob(pattern, 0, NULL, lists))
		die(STATUS_HARNESS, "%s: there are none", pattern);
	free(pattern);
}

/* "6.12.117" of "6.12.117-mutants". */
static char *version_of(const struct kernel *kernel)
{
	const char *version = kernel->version ? kernel->version : kernel->release;

	return strndup(version, strcspn(version, "-+~"));
}

/* list: of the suites, as long as input is in use. */
static void find_source(struct kernel_build_input *input, const struct kernel *kernel, const char *source,
			const struct kernel_list *list)
{
	char *version;

	if (source) {
		kernel_source_path(input, source, NULL);
		return;
	}
	version = version_of(kernel);
	kernel_source_find(input, version, list);
	free(version);
}

static uint64_t hash_input(const struct kernel_build_input *input, const char *script, const glob_t *lists)
{
	const char *const version[] = { "gcc", "--version", NULL };
	char *compiler = proc_capture(version, NULL), *text = file_read(script, NULL);
	uint64_t hash = hash_add(HASH_START, &input->hash, sizeof(input->hash));

	if (!text)
		die(STATUS_HARNESS, "%s: %s", script, strerror(errno));
	hash = hash_add_string(hash_add_string(hash, text), compiler ? compiler : "");
	free(text);
	free(compiler);
	return hash_files(hash, lists);
}

static void build(const char *folder, const char *script, struct kernel_build_input *input,
		  const glob_t *lists)
{
	char *new = xasprintf("%s.new", folder);
	struct args args = { 0 };

	note("building the kernel's own selftests from %s", input->description);
	path_remove_tree(new);
	kernel_source_fetch(input);
	args_add(&args, "%s", script);
	args_add(&args, "--source");
	args_add(&args, "%s", input->path);
	args_add(&args, "--out");
	args_add(&args, "%s", new);
	for (size_t i = 0; i < lists->gl_pathc; i++) {
		args_add(&args, "--list");
		args_add(&args, "%s", lists->gl_pathv[i]);
	}
	if (proc_run((const char *const *)args.v, NULL))
		die(STATUS_HARNESS, "the kernel's own selftests were not built: see above, and %s/build.log", new);
	if (rename(new, folder))
		die(STATUS_HARNESS, "%s: %s", folder, strerror(errno));
	args_free(&args);
	free(new);
}

static void add_programs(struct upstream *upstream)
{
	char *pattern = xasprintf("%s/bin/*", upstream->folder), *starter = path_libexec("upstream/upstream-test");
	glob_t found;

	args_add(&upstream->with, "%s", starter);
	if (!glob(pattern, 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			args_add(&upstream->with, "%s", found.gl_pathv[i]);
		globfree(&found);
	}
	free(starter);
	free(pattern);
}

void upstream_get(struct upstream *upstream, const struct kernel *kernel, const char *source)
{
	char *script = path_libexec("build-upstream"), *cache = path_cache("upstream"), hex[17];
	struct kernel_build_input input;
	struct kernel_list list;
	glob_t lists;
	int lock;

	find_lists(&lists);
	kernel_list_load(&list);
	find_source(&input, kernel, source, &list);
	hash_format(hash_input(&input, script, &lists), hex);
	*upstream = (struct upstream){ .folder = xasprintf("%s/%s-%s", cache, input.version, hex) };
	upstream->selftests = xasprintf("%s/tests", upstream->folder);
	lock = lock_take("upstream");
	if (!path_exists(upstream->folder))
		build(upstream->folder, script, &input, &lists);
	lock_drop(lock);
	add_programs(upstream);
	kernel_source_free(&input);
	kernel_list_free(&list);
	globfree(&lists);
	free(cache);
	free(script);
}

void upstream_free(struct upstream *upstream)
{
	args_free(&upstream->with);
	free(upstream->selftests);
	free(upstream->folder);
}
