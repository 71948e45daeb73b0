// SPDX-License-Identifier: GPL-2.0-only
#include "host-image.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "clock.h"
#include "die.h"
#include "image.h"
#include "path.h"
#include "proc.h"

#define FOLDER "images"
#define KEEP 12

/* What the machine itself needs where it is not built in; tests name theirs. */
static const char *const machine_modules[] = { "virtio_pci", "virtio_console", "virtio_blk" };

/* What a workload's director does. */
static void add_plan(struct image *image, const struct test *test)
{
	char *text = json_dumps(json_object_get(test->description, "plan"), 0), *name;

	if (!text)
		return;
	name = xasprintf("plans/%s", test->name);
	image_add_text(image, name, text, 0644);
	free(name);
	free(text);
}

static void add_tests(struct image *image, const struct test_list *tests)
{
	for (size_t i = 0; i < tests->count; i++) {
		char *name = xasprintf("tests/%s", tests->tests[i].name);

		image_add_program(image, name, tests->tests[i].program);
		add_plan(image, &tests->tests[i]);
		free(name);
	}
}

/* `sptest NAME` in the host machine is the program sptest-NAME, one of those in libexec/tools. */
static void add_tools(struct image *image)
{
	char *dir = path_libexec("tools"), *pattern = xasprintf("%s/*", dir);
	glob_t found;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			char *name = xasprintf("bin%s", strrchr(found.gl_pathv[i], '/'));

			image_add_program(image, name, found.gl_pathv[i]);
			free(name);
		}
		globfree(&found);
	}
	image_add_text(image, "bin/sptest", "#!/bin/sh\ncommand=$1; shift; exec \"sptest-$command\" \"$@\"\n",
		       0755);
	free(pattern);
	free(dir);
}

/* Under its hash, so that a snapshot taken with it finds the same file. */
static int write_to_cache(struct image *image, struct machine_config *config)
{
	char *dir = path_cache(FOLDER), *tmp = xasprintf("%s/tmp%d", dir, getpid());
	int err = image_write(image, tmp, config->image_hash);

	config->image = xasprintf("%s/%s.cpio", dir, config->image_hash);
	if (!err && rename(tmp, config->image))
		err = -errno;
	if (err)
		unlink(tmp);
	cache_prune(FOLDER, KEEP);
	free(tmp);
	free(dir);
	return err;
}

void host_image_write(struct machine_config *config, const struct test_list *tests)
{
	size_t count, fixed = sizeof(machine_modules) / sizeof(machine_modules[0]);
	const char **modules = test_list_modules(tests, &count);
	struct image *image = image_new();
	char *init = path_libexec("init");
	uint64_t started = clock_ms();
	int err;

	image_add_program(image, "init", init);
	image_add_shell(image);
	add_tests(image, tests);
	add_tools(image);
	with_add_to_image(config->with, image);
	modules = xrealloc(modules, (count + fixed) * sizeof(*modules));
	memcpy(modules + count, machine_modules, sizeof(machine_modules));
	image_add_modules(image, &config->kernel, modules, count + fixed);
	err = write_to_cache(image, config);
	if (err)
		die(STATUS_HARNESS, "the host image cannot be written: %s", strerror(-err));
	config->image_s = (clock_ms() - started) / 1000.0;
	image_free(image);
	free(modules);
	free(init);
}
