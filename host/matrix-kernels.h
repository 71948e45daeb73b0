/* SPDX-License-Identifier: GPL-2.0-only */
/* Which kernels a matrix is of: what is named, and the series of the list that a glob matches. */
#ifndef SPTEST_MATRIX_KERNELS_H
#define SPTEST_MATRIX_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

/* A series, or a glob, without a kernel that could be tested. */
struct left_out {
	char *kernel, *why;
};

struct matrix_kernels {
	char **words;		/* each once, for --kernel; of a glob the newest series first */
	size_t count;
	struct left_out *left;
	size_t left_count;
	bool indexed;		/* there are package indexes: what they do not have is gone */
};

/*
 * text: words and globs with commas. A stable release that came overnight is in the package indexes, which are read anew
 * for globs, and for versions as well unless `planned`: nothing is to be run.
 */
void matrix_kernels_find(struct matrix_kernels *kernels, const char *text, bool planned);
void matrix_kernels_free(struct matrix_kernels *kernels);

bool matrix_kernels_have(const struct matrix_kernels *kernels, const char *word);

/* Is it a series, as "6.12", that a glob of text matches? */
bool matrix_kernels_match(const char *text, const char *series);

/* why: the list's own from now on. */
void matrix_kernels_leave(struct matrix_kernels *kernels, const char *kernel, char *why);
bool matrix_kernels_left(const struct matrix_kernels *kernels, const char *kernel);

/*
 * The package's version that the kernel's word comes to by the indexes in the cache, the caller's to free;
 * "" where that is not known: a path, or no indexes.
 */
char *matrix_kernel_version(const char *kernel);

#endif
