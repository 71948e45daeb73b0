// SPDX-License-Identifier: GPL-2.0-only
#include "matrix.h"

#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "die.h"
#include "kernel-list.h"
#include "kernel-versions.h"
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

static char *cell_key(const struct cell *cell)
{
	if (!strcmp(cell->suite, SUITE_CHECK))
		return xasprintf("%s %s", cell->kernel, cell->mmu);
	return xasprintf("%s %s %s", cell->kernel, cell->mmu, cell->suite);
}

/* What makes it another matrix, so that nothing of an older one counts. */
static json_t *options_json(const struct matrix_options *options)
{
	return json_pack("{s:s?, s:s*, s:s*, s:s?, s:s?, s:b}", "tests", options->tests, "append", options->append,
			 "scale", options->scale, "seed", options->seed, "repeat", options->repeat,
			 "full", options->full);
}

static void load_state(struct matrix *matrix, bool restart)
{
	json_t *state = json_load_file(matrix->state_path, 0, NULL), *options = options_json(&matrix->options);
	bool same = !restart && json_equal(json_object_get(state, "options"), options);

	for (size_t i = 0; i < matrix->count; i++) {
		struct cell *cell = &matrix->cells[i];
		char *key = cell_key(cell);
		json_t *last = json_object_get(json_object_get(state, "took"), key);

		if (same)
			cell->state = json_integer_value(json_object_get(json_object_get(state, "done"), key));
		if (cell->state > CELL_IMPOSSIBLE)
			cell->state = CELL_TODO;
		cell->duration_s = json_number_value(last);
		free(key);
	}
	json_decref(options);
	json_decref(state);
}

static void save_state(const struct matrix *matrix, bool done)
{
	json_t *old = json_load_file(matrix->state_path, 0, NULL), *state = json_object();
	json_t *cells = json_object(), *took = json_deep_copy(json_object_get(old, "took"));
	char *text;
	int err;

	if (!took)
		took = json_object();
	for (size_t i = 0; i < matrix->count; i++) {
		const struct cell *cell = &matrix->cells[i];
		char *key = cell_key(cell);

		if (cell->state != CELL_TODO && !done)
			json_object_set_new(cells, key, json_integer(cell->state));
		if (cell->duration_s > 0)
			json_object_set_new(took, key, json_real(cell->duration_s));
		free(key);
	}
	json_object_set_new(state, "options", options_json(&matrix->options));
	json_object_set_new(state, "done", cells);
	json_object_set_new(state, "took", took);
	text = json_dumps(state, JSON_INDENT(2));
	err = file_write(matrix->state_path, text, strlen(text), 0644);
	if (err)
		die(STATUS_HARNESS, "%s: %s", matrix->state_path, strerror(-err));
	free(text);
	json_decref(state);
	json_decref(old);
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
	load_state(matrix, restart);
	qsort(matrix->cells, matrix->count, sizeof(*matrix->cells), longest_first);
}

void matrix_free(struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->count; i++)
		free(matrix->cells[i].kernel);
	free(matrix->cells);
	free(matrix->state_path);
}

void matrix_run(struct matrix *matrix, struct cell *cell)
{
	char *key = cell_key(cell), *log = xasprintf("%s/matrix-%s.log", matrix->options.out, key);
	uint64_t started = clock_ms();
	struct args args = { 0 };
	int status;

	for (char *c = log + strlen(matrix->options.out) + 1; *c; c++)
		if (*c == '/' || *c == ' ')
			*c = *c == '/' ? '_' : '-';
	unlink(log);
	args_add(&args, "/proc/self/exe");
	suite_command(&matrix->options, cell, &args);
	status = proc_run((const char *const *)args.v, &(struct proc_options){ .log = log });
	if (status == STATUS_INTERRUPTED)
		exit(STATUS_INTERRUPTED);
	cell->state = suite_state(cell->suite, status);
	cell->duration_s = (clock_ms() - started) / 1000.0;
	save_state(matrix, false);
	args_free(&args);
	free(log);
	free(key);
}

void matrix_finish(const struct matrix *matrix)
{
	save_state(matrix, true);
}
