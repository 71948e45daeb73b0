// SPDX-License-Identifier: GPL-2.0-only
#include "matrix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "die.h"
#include "matrix-log.h"
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
			.version = xstrdup(""), .why = xstrdup(""),
		};
	}
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

const char *matrix_words(const struct matrix_options *options)
{
	return options->kernels ? options->kernels : "*";
}

static noreturn void die_of_nothing(const struct matrix *matrix)
{
	const struct matrix_kernels *kernels = &matrix->kernels;

	if (!kernels->count && kernels->left_count)
		die(STATUS_USAGE, "--kernels: %s: %s", kernels->left[0].kernel, kernels->left[0].why);
	die(STATUS_USAGE, "no kernels: name some with --kernels, for mutants as mutants-6.12");
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
	matrix_kernels_find(&matrix->kernels, matrix_words(options), options->planned);
	for (size_t i = 0; i < matrix->kernels.count; i++)
		add_kernel(matrix, matrix->kernels.words[i], &axes);
	if (!matrix->count)
		die_of_nothing(matrix);
	matrix_state_load(matrix, restart);
	qsort(matrix->cells, matrix->count, sizeof(*matrix->cells), longest_first);
}

void matrix_free(struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->count; i++) {
		free(matrix->cells[i].kernel);
		free(matrix->cells[i].version);
		free(matrix->cells[i].why);
	}
	matrix_kernels_free(&matrix->kernels);
	free(matrix->cells);
	free(matrix->began);
	free(matrix->state_path);
}

static void set_why(struct cell *cell, char *why)
{
	free(cell->why);
	cell->why = why;
}

bool matrix_fits(struct cell *cell, double left_s)
{
	if (left_s <= 0)
		set_why(cell, xstrdup("the budget is over"));
	else if (cell->duration_s > left_s)
		set_why(cell, xasprintf("took longer the last time than the %.0f s that are left of the budget", left_s));
	else
		return true;
	return false;
}

void matrix_run(struct matrix *matrix, struct cell *cell)
{
	char *log = matrix_log_path(matrix, cell);
	uint64_t started = clock_ms();
	struct args args = { 0 };
	int status;

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
	if (cell->state == CELL_IMPOSSIBLE)
		set_why(cell, matrix_log_reason(log, status));
	matrix_state_save(matrix, false);
	args_free(&args);
	free(log);
}
