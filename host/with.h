/* SPDX-License-Identifier: GPL-2.0-only */
/* --with FILE[=NAME]: files of the outer machine that go into the host image. */
#ifndef SPTEST_WITH_H
#define SPTEST_WITH_H

#include <stdbool.h>
#include <stddef.h>

struct image;

struct with_file {
	char *path;		/* absolute */
	char *name;		/* below bin/ or files/ */
	bool program;
};

struct with_list {
	struct with_file *files;
	size_t count;
};

/* Takes one FILE[=NAME]. Dies (STATUS_USAGE) with one line if it is no file or no name. */
void with_add(struct with_list *list, const char *value);

/* Executables (ELF) as bin/NAME with the shared libraries that they need, the rest as files/NAME. */
void with_add_to_image(const struct with_list *list, struct image *image);

/* What with_add() takes for the same; the caller's to free. */
char *with_value(const struct with_file *file);

void with_free(struct with_list *list);

#endif
