// SPDX-License-Identifier: GPL-2.0-only
#include "matrix.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "die.h"
#include "kernel-list.h"
#include "kernel-versions.h"
#include "matrix-state.h"
#include "matrix-suites.h"
#include "mmu.h"
#include "path.h"
#include "proc.h"

/* What is said of all kernels alike. */
struct axes {
	const char *modes[MMU_MODES], *suites[MATRIX_SUITES];
	size_t mode_count, suite_count;
};

static void add_kernel(struct matrix *matrix, const char *kernel, const struct axes *axes)
{
	for (size_t i = 0; i < axes->mode_count * axes->suite_count; i++) {
		const char *suite = axes->suites[i / axes->mode_count];

		if (!suite_takes(suite, kernel))
			continue;
		matrix->cells = xrealloc(matrix->cells, (matrix->count + 1) * sizeof(*matrix->cells));
		matrix->cells[matrix->count++] = (struct cell){
			.kernel = xstrdup(kernel), .mmu = axes->modes[i % axes->mode_count], .suite = suite,
			.version = xstrdup(""),
		};
	}
}

/* "6.12" of 6.12.74, "7.3" of 7.3-rc7 */
static char *series(const char *version)
{
	size_t n = strcspn(version, ".");

	n += version[n] ? 1 + strcspn(version + n + 1, ".-") : 0;
	return xasprintf("%.*s", (int)n, version);
}

static bool has_kernel(const struct matrix *matrix, const char *kernel)
{
	for (size_t i = 0; i < matrix->count; i++)
		if (!strcmp(matrix->cells[i].kernel, kernel))
			return true;
	return false;
}

/* A stable release that came overnight is in the indexes, which are read anew for this. */
static void add_series(struct matrix *matrix, const char *glob, const struct axes *axes)
{
	struct kernel_versions versions;
	struct kernel_list list;

	kernel_list_load(&list);
	kernel_versions_load(&versions, &list, true);
	if (versions.error[0])
		warn("no package indexes, only what is in the cache: %s", versions.error);
	for (size_t i = 0; i < versions.count; i++) {
		char *name = series(versions.all[i].version);

		if (versions.all[i].whole && !fnmatch(glob, name, 0) && !has_kernel(matrix, name))
			add_kernel(matrix, name, axes);
		free(name);
	}
	kernel_versions_free(&versions);
	kernel_list_free(&list);
}

static void add_named(struct matrix *matrix, const char *kernels, const struct axes *axes)
{
	char *copy = xstrdup(kernels), *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		if (!strchr(word, '/') && strpbrk(word, "*?["))
			add_series(matrix, word, axes);
		else if (*word && !has_kernel(matrix, word))
			add_kernel(matrix, word, axes);
	free(copy);
}

static int longest_first(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	return (y->duration_s > x->duration_s) - (y->duration_s < x->duration_s);
}

static void read_axes(struct axes *axes, const struct matrix_options *options)
{
	axes->mode_count = mmu_list(options->mmu, axes->modes);
	if (!axes->mode_count)
		die(STATUS_USAGE, "--mmu %s: tdp, direct, shadow, several with commas, or all", options->mmu);
	axes->suite_count = suite_list(options->suites, axes->suites);
	if (!axes->suite_count)
		die(STATUS_USAGE, "--suites %s: check, mutants or workloads, several with commas", options->suites);
}

void matrix_lock(const char *out)
{
	char *path = xasprintf("%s/matrix.lock", out);
	int err = path_mkdirs(out), fd;

	if (err)
		die(STATUS_USAGE, "%s: %s", out, strerror(-err));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		die(STATUS_USAGE, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB))
		die(STATUS_USAGE, "matrix: another one is at work in %s: wait for it, or name another folder with --out", out);
	free(path);
}

void matrix_make(struct matrix *matrix, const struct matrix_options *options, bool restart)
{
	struct axes axes;
	int err;

	read_axes(&axes, options);
	err = path_mkdirs(options->out);
	if (err)
		die(STATUS_USAGE, "%s: %s", options->out, strerror(-err));
	*matrix = (struct matrix){
		.options = *options, .state_path = xasprintf("%s/matrix.json", options->out),
	};
	add_named(matrix, options->kernels ? options->kernels : "*", &axes);
	if (!matrix->count)
		die(STATUS_USAGE, "no kernels: name some with --kernels, for mutants as mutants-6.12");
	matrix_state_load(matrix, restart);
	qsort(matrix->cells, matrix->count, sizeof(*matrix->cells), longest_first);
}

void matrix_free(struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->count; i++) {
		free(matrix->cells[i].kernel);
		free(matrix->cells[i].version);
	}
	free(matrix->cells);
	free(matrix->began);
	free(matrix->state_path);
}

void matrix_run(struct matrix *matrix, struct cell *cell)
{
	char *key = matrix_cell_key(cell), *log = xasprintf("%s/matrix-%s.log", matrix->options.out, key);
	uint64_t started = clock_ms();
	struct args args = { 0 };
	int status;

	for (char *c = log + strlen(matrix->options.out) + 1; *c; c++)
		if (*c == '/' || *c == ' ')
			*c = *c == '/' ? '_' : '-';
	unlink(log);
	args_add(&args, "/proc/self/exe");
	suite_command(&matrix->options, cell, &args);
	/* Of an update that comes meanwhile nobody knows whether the cell had it: then it is to do again. */
	free(cell->version);
	cell->version = matrix_kernel_version(cell->kernel);
	status = proc_run((const char *const *)args.v, &(struct proc_options){ .log = log });
	if (status == STATUS_INTERRUPTED)
		exit(STATUS_INTERRUPTED);
	cell->state = suite_state(cell->suite, status);
	cell->duration_s = (clock_ms() - started) / 1000.0;
	matrix_state_save(matrix, false);
	args_free(&args);
	free(log);
	free(key);
}
