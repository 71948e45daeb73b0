// SPDX-License-Identifier: GPL-2.0-only
#include "matrix.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "clock.h"
#include "die.h"
#include "kernel-list.h"
#include "kernel-versions.h"
#include "mmu.h"
#include "path.h"
#include "proc.h"

static void add_kernel(struct matrix *matrix, const char *kernel, const char *const modes[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		matrix->cells = xrealloc(matrix->cells, (matrix->count + 1) * sizeof(*matrix->cells));
		matrix->cells[matrix->count++] = (struct cell){ .kernel = xstrdup(kernel), .mmu = modes[i] };
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
static void add_series(struct matrix *matrix, const char *const modes[], size_t count)
{
	struct kernel_versions versions;
	struct kernel_list list;

	kernel_list_load(&list);
	kernel_versions_load(&versions, &list, true);
	if (versions.error[0])
		warn("no package indexes, only what is in the cache: %s", versions.error);
	for (size_t i = 0; i < versions.count; i++) {
		char *name = series(versions.all[i].version);

		if (versions.all[i].whole && !has_kernel(matrix, name))
			add_kernel(matrix, name, modes, count);
		free(name);
	}
	kernel_versions_free(&versions);
	kernel_list_free(&list);
	if (!matrix->count)
		die(STATUS_USAGE, "no kernels: name some with --kernels");
}

static void add_named(struct matrix *matrix, const char *const modes[], size_t count)
{
	char *copy = xstrdup(matrix->options.kernels), *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		if (*word && !has_kernel(matrix, word))
			add_kernel(matrix, word, modes, count);
	free(copy);
	if (!matrix->count)
		die(STATUS_USAGE, "--kernels %s: names none", matrix->options.kernels);
}

static int longest_first(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	return (y->duration_s > x->duration_s) - (y->duration_s < x->duration_s);
}

static char *cell_key(const struct cell *cell)
{
	return xasprintf("%s %s", cell->kernel, cell->mmu);
}

/* What makes it another matrix, so that nothing of an older one counts. */
static json_t *options_json(const struct matrix_options *options)
{
	return json_pack("{s:s?, s:s*, s:s?, s:s?, s:b}", "tests", options->tests, "append", options->append,
			 "seed", options->seed, "repeat", options->repeat, "full", options->full);
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

void matrix_make(struct matrix *matrix, const struct matrix_options *options, bool restart)
{
	const char *modes[MMU_MODES];
	size_t count = mmu_list(options->mmu, modes);
	int err;

	if (!count)
		die(STATUS_USAGE, "--mmu %s: tdp, direct, shadow, several with commas, or all", options->mmu);
	err = path_mkdirs(options->out);
	if (err)
		die(STATUS_USAGE, "%s: %s", options->out, strerror(-err));
	*matrix = (struct matrix){
		.options = *options, .state_path = xasprintf("%s/matrix.json", options->out),
	};
	if (options->kernels)
		add_named(matrix, modes, count);
	else
		add_series(matrix, modes, count);
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

static void add_option(struct args *args, const char *name, const char *value)
{
	if (value)
		args_add(args, "--%s=%s", name, value);
}

void matrix_command(const struct matrix *matrix, const struct cell *cell, struct args *args)
{
	const struct matrix_options *options = &matrix->options;

	args_add(args, "run");
	add_option(args, "kernel", cell->kernel);
	add_option(args, "mmu", cell->mmu);
	add_option(args, "tests", options->tests);
	add_option(args, "append", options->append);
	add_option(args, "jobs", options->jobs);
	add_option(args, "seed", options->seed);
	add_option(args, "repeat", options->repeat);
	add_option(args, "classify", options->classify);
	if (options->full)
		args_add(args, "--full");
	add_option(args, "out", options->out);
}

static enum cell_state state_of(int status)
{
	switch (status) {
	case STATUS_OK:
		return CELL_PASSED;
	case STATUS_FAILED:
		return CELL_FAILED;
	case STATUS_SKIPPED:
		return CELL_SKIPPED;
	default:
		return CELL_IMPOSSIBLE;
	}
}

void matrix_run(struct matrix *matrix, struct cell *cell)
{
	char *log = xasprintf("%s/matrix-%s-%s.log", matrix->options.out, cell->kernel, cell->mmu);
	uint64_t started = clock_ms();
	struct args args = { 0 };
	int status;

	for (char *c = log + strlen(matrix->options.out) + 1; *c; c++)
		if (*c == '/')
			*c = '_';
	unlink(log);
	args_add(&args, "/proc/self/exe");
	matrix_command(matrix, cell, &args);
	status = proc_run((const char *const *)args.v, &(struct proc_options){ .log = log });
	if (status == STATUS_INTERRUPTED)
		exit(STATUS_INTERRUPTED);
	cell->state = state_of(status);
	cell->duration_s = (clock_ms() - started) / 1000.0;
	save_state(matrix, false);
	args_free(&args);
	free(log);
}

void matrix_finish(const struct matrix *matrix)
{
	save_state(matrix, true);
}
