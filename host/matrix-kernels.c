// SPDX-License-Identifier: GPL-2.0-only
#include "matrix-kernels.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "kernel-list.h"
#include "kernel-versions.h"

static bool is_glob(const char *word)
{
	return !strchr(word, '/') && strpbrk(word, "*?[");
}

/* "6.12" of itself and of debug-6.12; NULL: a path, or a name of the list. */
static const char *version_in(const char *word)
{
	if (strchr(word, '/'))
		return NULL;
	for (const char *c = word; *c; c++)
		if (isdigit((unsigned char)*c) && (c == word || c[-1] == '-'))
			return c;
	return NULL;
}

/* "6.12" of 6.12.74, "7.3" of 7.3-rc7; the caller's to free. */
static char *series_of(const char *version)
{
	size_t n = strcspn(version, ".");

	n += version[n] ? 1 + strcspn(version + n + 1, ".-") : 0;
	return xasprintf("%.*s", (int)n, version);
}

bool matrix_kernels_have(const struct matrix_kernels *kernels, const char *word)
{
	for (size_t i = 0; i < kernels->count; i++)
		if (!strcmp(kernels->words[i], word))
			return true;
	return false;
}

static void add_word(struct matrix_kernels *kernels, const char *word)
{
	if (matrix_kernels_have(kernels, word))
		return;
	kernels->words = xrealloc(kernels->words, (kernels->count + 1) * sizeof(*kernels->words));
	kernels->words[kernels->count++] = xstrdup(word);
}

bool matrix_kernels_left(const struct matrix_kernels *kernels, const char *kernel)
{
	for (size_t i = 0; i < kernels->left_count; i++)
		if (!strcmp(kernels->left[i].kernel, kernel))
			return true;
	return false;
}

void matrix_kernels_leave(struct matrix_kernels *kernels, const char *kernel, char *why)
{
	if (matrix_kernels_have(kernels, kernel) || matrix_kernels_left(kernels, kernel)) {
		free(why);
		return;
	}
	kernels->left = xrealloc(kernels->left, (kernels->left_count + 1) * sizeof(*kernels->left));
	kernels->left[kernels->left_count++] = (struct left_out){ xstrdup(kernel), why };
}

/* All of a series that can be had, before those of which nothing can. */
static bool add_series(struct matrix_kernels *kernels, const struct kernel_versions *versions, const char *glob, bool whole)
{
	bool any = false;

	for (size_t i = 0; i < versions->count; i++) {
		const struct kernel_version *version = &versions->all[i];
		char *name = series_of(version->version);

		if (version->whole == whole && !fnmatch(glob, name, 0)) {
			any = true;
			if (whole)
				add_word(kernels, name);
			else
				matrix_kernels_leave(kernels, name, xasprintf("the archive (%s) no longer has its modules",
									      version->suite));
		}
		free(name);
	}
	return any;
}

static void add_glob(struct matrix_kernels *kernels, const struct kernel_versions *versions, const char *glob)
{
	bool found = add_series(kernels, versions, glob, true);

	if (!add_series(kernels, versions, glob, false) && !found)
		matrix_kernels_leave(kernels, glob, xstrdup("no series of the list matches: see sptest kernels list"));
}

/* Calls take() for each word of text; whether it gave true for any. */
static bool any_word(const char *text, bool (*take)(const char *word, void *arg), void *arg)
{
	char *copy = xstrdup(text), *rest = copy, *word;
	bool any = false;

	while ((word = strsep(&rest, ",")))
		any |= *word && take(word, arg);
	free(copy);
	return any;
}

static bool needs_indexes(const char *word, void *arg)
{
	const bool *planned = arg;

	return is_glob(word) || (!*planned && version_in(word));
}

static bool matches_series(const char *word, void *arg)
{
	return is_glob(word) && !fnmatch(word, arg, 0);
}

bool matrix_kernels_match(const char *text, const char *series)
{
	return strspn(series, "0123456789.") == strlen(series) && any_word(text, matches_series, (void *)series);
}

struct finding {
	struct matrix_kernels *kernels;
	const struct kernel_versions *versions;
};

static bool take_word(const char *word, void *arg)
{
	const struct finding *finding = arg;

	if (is_glob(word))
		add_glob(finding->kernels, finding->versions, word);
	else
		add_word(finding->kernels, word);
	return true;
}

void matrix_kernels_find(struct matrix_kernels *kernels, const char *text, bool planned)
{
	struct kernel_versions versions = { 0 };
	struct kernel_list list = { 0 };

	*kernels = (struct matrix_kernels){ 0 };
	if (any_word(text, needs_indexes, &planned)) {
		kernel_list_load(&list);
		kernel_versions_load(&versions, &list, true);
		kernels->indexed = !versions.error[0];
		if (!kernels->indexed)
			warn("no package indexes, only what is in the cache: %s", versions.error);
	}
	any_word(text, take_word, &(struct finding){ kernels, &versions });
	kernel_versions_free(&versions);
	kernel_list_free(&list);
}

void matrix_kernels_free(struct matrix_kernels *kernels)
{
	for (size_t i = 0; i < kernels->count; i++)
		free(kernels->words[i]);
	for (size_t i = 0; i < kernels->left_count; i++) {
		free(kernels->left[i].kernel);
		free(kernels->left[i].why);
	}
	free(kernels->words);
	free(kernels->left);
}

char *matrix_kernel_version(const char *kernel)
{
	const char *word = version_in(kernel);
	const struct kernel_version *version;
	struct kernel_versions versions;
	struct kernel_list list;
	char *text;

	if (!word)
		return xstrdup("");
	kernel_list_load(&list);
	kernel_versions_load(&versions, &list, false);
	version = kernel_versions_find(&versions, word);
	text = xstrdup(version && version->package_version ? version->package_version : "");
	kernel_versions_free(&versions);
	kernel_list_free(&list);
	return text;
}
