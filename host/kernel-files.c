// SPDX-License-Identifier: GPL-2.0-only
#include "kernel-files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "die.h"
#include "kernel.h"
#include "module-farm.h"
#include "path.h"
#include "version.h"

/* Documentation/arch/x86/boot.rst: "HdrS" at 0x202, kernel_version (less 0x200) at 0x20e. */
#define SETUP_MAGIC 0x202
#define SETUP_VERSION 0x20e
#define SETUP_ROOM 0x8000	/* of the setup code, at most 64 sectors */

#define TREE_IMAGE "/arch/x86/boot/bzImage"

/* "6.1.0-56-cloud-amd64 (BUILDER) #1 SMP ...", the caller's to free; NULL: not a bzImage. */
static char *image_banner(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *setup, *banner = NULL;
	uint16_t offset;
	ssize_t n;

	if (fd < 0)
		return NULL;
	setup = xzalloc(SETUP_ROOM + 1);
	n = read(fd, setup, SETUP_ROOM);
	close(fd);
	if (n > SETUP_VERSION + 2 && !memcmp(setup + SETUP_MAGIC, "HdrS", 4)) {
		memcpy(&offset, setup + SETUP_VERSION, sizeof(offset));
		if (offset && offset + 0x200 < n)
			banner = xstrdup(setup + offset + 0x200);
	}
	free(setup);
	return banner;
}

char *kernel_image_release(const char *path)
{
	char *release = image_banner(path);

	if (release)
		release[strcspn(release, " ")] = '\0';
	return release;
}

char *kernel_image_version(const char *path)
{
	char *release = kernel_image_release(path), *banner = image_banner(path);
	char *version = release ? version_of_banner(release, banner) : NULL;

	free(banner);
	free(release);
	return version;
}

static bool has_dep(const char *folder)
{
	char *dep = xasprintf("%s/modules.dep", folder);
	bool found = path_exists(dep);

	free(dep);
	return found;
}

char *kernel_modules_folder(const char *word, const char *release)
{
	char *folders[] = {
		xstrdup(word),
		xasprintf("%s/%s", word, release),
		xasprintf("%s/lib/modules/%s", word, release),
		xasprintf("%s/usr/lib/modules/%s", word, release),
	};
	char *found = NULL;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		if (!found && has_dep(folders[i]))
			found = folders[i];
		else
			free(folders[i]);
	return found;
}

static char *first_existing(char *paths[], size_t count)
{
	char *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (!found && path_exists(paths[i]))
			found = paths[i];
		else
			free(paths[i]);
	return found;
}

/* Beside vmlinuz: lib/modules/RELEASE, one folder up (/boot/vmlinuz), or in a tree of modules. */
static char *modules_beside(const char *dir, const char *release)
{
	char *up = xasprintf("%s/..", dir);
	char *modules = xasprintf("%s/modules", dir);
	char *found = kernel_modules_folder(dir, release);

	if (!found)
		found = kernel_modules_folder(modules, release);
	if (!found)
		found = kernel_modules_folder(up, release);
	free(modules);
	free(up);
	return found;
}

/* Of a build tree? Then path becomes that of the tree. */
static bool in_tree(char *path)
{
	size_t n = strlen(path), m = strlen(TREE_IMAGE);

	if (n <= m || strcmp(path + n - m, TREE_IMAGE))
		return false;
	path[n - m] = '\0';
	return true;
}

void kernel_from_image(struct kernel *kernel, const char *path)
{
	char *real = realpath(path, NULL), *copy, *dir;

	if (!real)
		die(STATUS_USAGE, "%s: %s", path, strerror(errno));
	if (in_tree(real)) {
		kernel_from_tree(kernel, real);
		free(real);
		return;
	}
	kernel->release = kernel_image_release(real);
	if (!kernel->release)
		die(STATUS_USAGE, "%s: not a bzImage: give the bzImage, not vmlinux or a module", path);
	copy = xstrdup(real);
	dir = dirname(copy);
	kernel->modules = modules_beside(dir, kernel->release);
	kernel->config = first_existing((char *[]){
		xasprintf("%s/config-%s", dir, kernel->release),
		xasprintf("%s/config", dir), xasprintf("%s/.config", dir),
	}, 3);
	kernel->image = real;
	kernel->source = xstrdup(real);
	free(copy);
}

void kernel_from_tree(struct kernel *kernel, const char *path)
{
	char *real = realpath(path, NULL);
	char *config;

	if (!real)
		die(STATUS_USAGE, "%s: %s", path, strerror(errno));
	kernel->image = xasprintf("%s" TREE_IMAGE, real);
	kernel->release = kernel_image_release(kernel->image);
	if (!kernel->release)
		die(STATUS_USAGE, "%s: no bzImage in its arch/x86/boot: run make bzImage modules there",
		    path);
	config = xasprintf("%s/.config", real);
	kernel->config = path_exists(config) ? config : NULL;
	if (!kernel->config)
		free(config);
	kernel->modules = module_farm(real, kernel->release);
	kernel->source = real;
}

void kernel_from_running(struct kernel *kernel)
{
	struct utsname names;
	char *image, *config;

	uname(&names);
	image = first_existing((char *[]){
		xasprintf("/boot/vmlinuz-%s", names.release),
		xasprintf("/lib/modules/%s/vmlinuz", names.release),
	}, 2);
	if (!image || access(image, R_OK))
		die(STATUS_USAGE, "the running kernel %s has no %s /boot/vmlinuz-%s: name another one with --kernel",
		    names.release, image ? "readable" : "file", names.release);
	config = first_existing((char *[]){
		xasprintf("/boot/config-%s", names.release),
		xasprintf("/lib/modules/%s/config", names.release),
		xasprintf("/lib/modules/%s/build/.config", names.release),
	}, 3);
	kernel->release = xstrdup(names.release);
	kernel->source = xasprintf("running, %s", image);
	kernel->modules = kernel_modules_folder("/", names.release);
	kernel->config = config;
	kernel->image = image;
}
