// SPDX-License-Identifier: GPL-2.0-only
#include "kernel-build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "die.h"
#include "flavour.h"
#include "hash.h"
#include "kernel-cache.h"
#include "kernel-files.h"
#include "kernel-source.h"
#include "kernel.h"
#include "lock.h"
#include "path.h"
#include "proc.h"

/* The compiler and the script itself are part of what went in. */
static uint64_t hash_tools(uint64_t hash, const char *script)
{
	const char *const version[] = { "gcc", "--version", NULL };
	char *compiler = proc_capture(version, NULL), *text = file_read(script, NULL);

	if (!text)
		die(STATUS_HARNESS, "%s: %s", script, strerror(errno));
	hash = hash_add_string(hash, compiler ? compiler : "");
	hash = hash_add_string(hash, text);
	free(compiler);
	free(text);
	return hash;
}

static void run_script(const char *script, const char *name, const struct flavour *flavour,
		       const struct kernel_build_input *input, const char *out)
{
	char *trees = path_cache("trees"), *work = xasprintf("%s/%s", trees, name);
	struct args args = { 0 };
	int status;

	args_add(&args, "%s", script);
	args_add(&args, "--name");
	args_add(&args, "%s", flavour->name);
	args_add(&args, "--source");
	args_add(&args, "%s", input->path);
	if (input->commit) {
		args_add(&args, "--commit");
		args_add(&args, "%s", input->commit);
	}
	args_add(&args, "--work");
	args_add(&args, "%s", work);
	args_add(&args, "--out");
	args_add(&args, "%s", out);
	for (size_t i = 0; i < flavour->count; i++) {
		args_add(&args, i < flavour->fragments ? "--fragment" : "--patch");
		args_add(&args, "%s", flavour->files[i]);
	}
	status = proc_run((const char *const *)args.v, NULL);
	if (status) {
		path_remove_tree(out);
		die(STATUS_HARNESS, "%s was not built", name);
	}
	args_free(&args);
	free(work);
	free(trees);
}

/* conf_load() of kernel.conf is what makes the folder a kernel. */
static void describe(const char *out, const char *name, const struct kernel_build_input *input)
{
	char *image = xasprintf("%s/vmlinuz", out), *conf = xasprintf("%s/kernel.conf", out);
	char *release = kernel_image_release(image), *text;
	int err;

	text = xasprintf("release = %s\nsource = %s, built from %s\npackage =\nversion =\nsuite =\n",
			 release, name, input->description);
	err = kernel_depmod(out, release);
	if (!err)
		err = file_write(conf, text, strlen(text), 0644);
	if (err)
		die(STATUS_HARNESS, "%s: %s", out, strerror(-err));
	free(text);
	free(release);
	free(conf);
	free(image);
}

/* Into the cache as path, unless another sptest does so meanwhile. */
static void build_locked(const char *script, const char *name, const char *path, const struct flavour *flavour,
			 struct kernel_build_input *input)
{
	char *kernels = path_cache("kernels"), *new = xasprintf("%s/.building-%s", kernels, name);
	int lock = lock_take("trees");

	if (!path_exists(path)) {
		note("building %s from %s", name, input->description);
		path_remove_tree(new);
		kernel_source_fetch(input);
		run_script(script, name, flavour, input, new);
		describe(new, name, input);
		if (rename(new, path))
			die(STATUS_HARNESS, "%s: %s", path, strerror(errno));
	}
	lock_drop(lock);
	free(new);
	free(kernels);
}

/* A kernel that is there is taken without the lock, which another build holds for a quarter of an hour. */
static void build(struct kernel *kernel, const char *name, const struct flavour *flavour,
		  struct kernel_build_input *input)
{
	char *script = path_libexec("build-kernel"), *kernels = path_cache("kernels");
	char hex[17], *folder, *path;
	struct cached_kernel cached;

	hash_format(hash_tools(hash_add(flavour_hash(flavour), &input->hash, sizeof(input->hash)),
			       script), hex);
	folder = xasprintf("built-%s-%s", name, hex);
	path = xasprintf("%s/%s", kernels, folder);
	if (!path_exists(path))
		build_locked(script, name, path, flavour, input);
	if (!kernel_cache_get(&cached, folder))
		die(STATUS_HARNESS, "%s is incomplete in the cache: remove it there", path);
	kernel_cache_use(&cached, kernel);
	kernel_cache_free(&cached);
	free(path);
	free(folder);
	free(kernels);
	free(script);
}

bool kernel_build_word(struct kernel *kernel, const char *word, const struct kernel_list *list)
{
	struct kernel_build_input input;
	struct flavour flavour;
	const char *version, *same;
	char *full;

	if (!flavour_find(&flavour, word, &version))
		return false;
	kernel_source_find(&input, version, list);
	flavour_free(&flavour);
	full = xasprintf("%.*s%s", (int)(version - word), word, input.version);
	flavour_find(&flavour, full, &same);	/* the patches for just that version */
	build(kernel, word, &flavour, &input);
	free(full);
	kernel_source_free(&input);
	flavour_free(&flavour);
	return true;
}

void kernel_build_source(struct kernel *kernel, const char *flavour_name, const char *source,
			 const char *commit)
{
	struct kernel_build_input input;
	struct flavour flavour;
	const char *ignored;
	char *word, *name;

	kernel_source_path(&input, source, commit);
	word = xasprintf("%s-%s", flavour_name, input.version);
	if (!flavour_find(&flavour, word, &ignored))
		die(STATUS_USAGE, "%s: no such flavour: see sptest kernels list", flavour_name);
	name = xasprintf("%s-%s", flavour_name, input.name);
	build(kernel, name, &flavour, &input);
	free(name);
	free(word);
	kernel_source_free(&input);
	flavour_free(&flavour);
}
