// SPDX-License-Identifier: GPL-2.0-only
#include "with.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "image.h"
#include "path.h"

/* FILE=NAME at the last "=", unless there is a file of that whole name. */
static void split(const char *value, char **path, char **name)
{
	const char *equals = strrchr(value, '='), *slash;
	char *file;

	if (!equals || path_exists(value)) {
		slash = strrchr(value, '/');
		file = xstrdup(value);
		*name = xstrdup(slash ? slash + 1 : value);
	} else {
		file = xasprintf("%.*s", (int)(equals - value), value);
		*name = xstrdup(equals + 1);
	}
	*path = realpath(file, NULL);
	if (!*path)
		die(STATUS_USAGE, "--with %s: %s: %s", value, file, strerror(errno));
	free(file);
}

/* It must stay in its folder of the image. */
static bool is_name(const char *name)
{
	char *words = xstrdup(name), *rest = words, *word;
	bool fine = true;

	while (fine && (word = strsep(&rest, "/")))
		fine = *word && strcmp(word, ".") && strcmp(word, "..");
	free(words);
	return fine;
}

static bool is_elf(const char *path)
{
	char magic[SELFMAG] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool elf;

	if (fd < 0)
		return false;
	elf = read(fd, magic, SELFMAG) == SELFMAG && !memcmp(magic, ELFMAG, SELFMAG);
	close(fd);
	return elf;
}

void with_add(struct with_list *list, const char *value)
{
	struct with_file file;
	struct stat st;

	split(value, &file.path, &file.name);
	if (stat(file.path, &st) || !S_ISREG(st.st_mode))
		die(STATUS_USAGE, "--with %s: not a regular file", value);
	if (access(file.path, R_OK))
		die(STATUS_USAGE, "--with %s: %s", value, strerror(errno));
	if (!is_name(file.name))
		die(STATUS_USAGE, "--with %s: \"%s\" is no name for a file in the image", value,
		    file.name);
	file.program = (st.st_mode & 0111) && is_elf(file.path);
	list->files = xrealloc(list->files, (list->count + 1) * sizeof(file));
	list->files[list->count++] = file;
}

void with_add_to_image(const struct with_list *list, struct image *image)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct with_file *file = &list->files[i];
		char *name = xasprintf("%s/%s", file->program ? "bin" : "files", file->name);

		if (file->program)
			image_add_program(image, name, file->path);
		else
			image_add_file(image, name, file->path);
		free(name);
	}
}

char *with_value(const struct with_file *file)
{
	return xasprintf("%s=%s", file->path, file->name);
}

void with_free(struct with_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->files[i].path);
		free(list->files[i].name);
	}
	free(list->files);
	*list = (struct with_list){ 0 };
}
