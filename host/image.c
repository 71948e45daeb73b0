// SPDX-License-Identifier: GPL-2.0-only
#include "image.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive.h"
#include "die.h"
#include "elf-needed.h"
#include "hash.h"
#include "kernel.h"
#include "modules.h"
#include "path.h"

struct member {
	char *name;
	unsigned int mode;	/* with the file type */
	char *data;		/* content, or the target of a symlink */
	size_t size;
};

struct image {
	struct member *members;
	size_t count;
};

struct image *image_new(void)
{
	return xzalloc(sizeof(struct image));
}

void image_free(struct image *image)
{
	if (!image)
		return;
	for (size_t i = 0; i < image->count; i++) {
		free(image->members[i].name);
		free(image->members[i].data);
	}
	free(image->members);
	free(image);
}

static struct member *find(const struct image *image, const char *name)
{
	for (size_t i = 0; i < image->count; i++)
		if (!strcmp(image->members[i].name, name))
			return &image->members[i];
	return NULL;
}

/* Takes data over; what has the same name already is replaced. */
static void add(struct image *image, const char *name, unsigned int mode, char *data, size_t size)
{
	struct member *member = find(image, name);
	char *parent, *slash;

	if (!member) {
		size_t room = (image->count + 1) * sizeof(*image->members);

		image->members = xrealloc(image->members, room);
		member = &image->members[image->count++];
		member->name = xstrdup(name);
	} else {
		free(member->data);
	}
	member->mode = mode;
	member->data = data;
	member->size = size;

	parent = xstrdup(name);
	slash = strrchr(parent, '/');
	if (slash) {
		*slash = '\0';
		if (!find(image, parent))
			add(image, parent, S_IFDIR | 0755, NULL, 0);
	}
	free(parent);
}

static void add_file(struct image *image, const char *name, const char *path, unsigned int mode)
{
	size_t size;
	char *data = file_read(path, &size);

	if (!data)
		die(STATUS_USAGE, "%s: %s: cannot go into an image", path, strerror(errno));
	add(image, name, S_IFREG | mode, data, size);
}

static void add_needed(void *arg, const char *name, const char *path)
{
	if (!find(arg, name))
		add_file(arg, name, path, 0755);
}

void image_add_program(struct image *image, const char *name, const char *path)
{
	char error[200];

	add_file(image, name, path, 0755);
	if (elf_visit_needed(path, add_needed, image, error))
		die(STATUS_USAGE, "%s: %s", path, error);
}

void image_add_file(struct image *image, const char *name, const char *path)
{
	add_file(image, name, path, access(path, X_OK) ? 0644 : 0755);
}

void image_add_text(struct image *image, const char *name, const char *text, unsigned int mode)
{
	add(image, name, S_IFREG | mode, xstrdup(text), strlen(text));
}

void image_add_folder(struct image *image, const char *name)
{
	add(image, name, S_IFDIR | 0755, NULL, 0);
}

void image_add_symlink(struct image *image, const char *name, const char *target)
{
	add(image, name, S_IFLNK | 0777, xstrdup(target), strlen(target));
}

struct module_list {
	struct image *image;
	char *order;
};

static void add_module(void *arg, const char *name, const char *path)
{
	struct module_list *list = arg;
	char *member = xasprintf("modules/%s.ko", name);
	char *order = xasprintf("%s%s\n", list->order, name);
	size_t size;
	char *data = archive_read_file(path, &size);

	if (!data)
		die(STATUS_USAGE, "%s: %s: fetch that kernel again (sptest kernels fetch)", path,
		    strerror(errno));
	add(list->image, member, S_IFREG | 0644, data, size);
	free(list->order);
	list->order = order;
	free(member);
}

void image_add_modules(struct image *image, const struct kernel *kernel,
		       const char *const names[], size_t count)
{
	struct module_list list = { .image = image, .order = xstrdup("") };
	struct modules *modules = kernel->modules ? modules_open(kernel->modules) : NULL;

	if (kernel->modules && !modules)
		die(STATUS_USAGE, "%s/modules.dep: %s: run depmod there", kernel->modules,
		    strerror(errno));
	if (modules)
		modules_visit(modules, names, count, add_module, &list);
	image_add_text(image, "modules/order", list.order, 0644);
	modules_close(modules);
	free(list.order);
}

static int by_name(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static uint64_t image_hash(const struct image *image)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < image->count; i++) {
		const struct member *member = &image->members[i];

		hash = hash_add_string(hash, member->name);
		hash = hash_add(hash, &member->mode, sizeof(member->mode));
		hash = hash_add(hash, &member->size, sizeof(member->size));
		hash = hash_add(hash, member->data, member->size);
	}
	return hash;
}

static int write_member(struct archive *archive, const struct member *member, size_t number)
{
	struct archive_entry *entry = archive_entry_new();
	bool file = S_ISREG(member->mode);
	int ret;

	archive_entry_set_pathname(entry, member->name);
	archive_entry_set_mode(entry, member->mode);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_ino(entry, number + 1);
	archive_entry_set_mtime(entry, 0, 0);
	if (S_ISLNK(member->mode))
		archive_entry_set_symlink(entry, member->data);
	archive_entry_set_size(entry, file ? member->size : 0);
	ret = archive_write_header(archive, entry);
	if (ret == ARCHIVE_OK && file &&
	    archive_write_data(archive, member->data, member->size) != (la_ssize_t)member->size)
		ret = ARCHIVE_FATAL;
	archive_entry_free(entry);
	return ret;
}

static int write_archive(const struct image *image, const char *path,
			 int (*set_format)(struct archive *archive))
{
	struct archive *archive = archive_write_new();
	int ret, err;

	set_format(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	ret = archive_write_open_filename(archive, path);
	for (size_t i = 0; ret == ARCHIVE_OK && i < image->count; i++)
		ret = write_member(archive, &image->members[i], i);
	if (ret == ARCHIVE_OK)
		ret = archive_write_close(archive);
	err = archive_errno(archive);
	archive_write_free(archive);
	if (ret == ARCHIVE_OK)
		return 0;
	return err > 0 ? -err : -EIO;
}

void image_identify(struct image *image, char hash[17])
{
	qsort(image->members, image->count, sizeof(*image->members), by_name);
	hash_format(image_hash(image), hash);
}

static int write_beside(const struct image *image, const char *path,
			int (*set_format)(struct archive *archive))
{
	char *tmp = xasprintf("%s.tmp%d", path, getpid());
	int err = write_archive(image, tmp, set_format);

	if (!err && rename(tmp, path))
		err = -errno;
	if (err)
		unlink(tmp);
	free(tmp);
	return err;
}

int image_write(struct image *image, const char *path, char hash[17])
{
	image_identify(image, hash);
	return write_beside(image, path, archive_write_set_format_cpio_newc);
}

int image_write_iso(const struct image *image, const char *path)
{
	return write_beside(image, path, archive_write_set_format_iso9660);
}
