// SPDX-License-Identifier: GPL-2.0-only
#include "matrix-state.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "matrix-suites.h"
#include "path.h"
#include "results/run-folder.h"

char *matrix_cell_key(const struct cell *cell)
{
	if (!strcmp(cell->suite, SUITE_CHECK))
		return xasprintf("%s %s", cell->kernel, cell->mmu);
	return xasprintf("%s %s %s", cell->kernel, cell->mmu, cell->suite);
}

/* A stable update that came meanwhile is not done yet. */
static bool is_other_kernel(const struct cell *cell)
{
	char *now = *cell->version ? matrix_kernel_version(cell->kernel) : xstrdup("");
	bool other = *now && strcmp(now, cell->version);

	free(now);
	return other;
}

/* What makes it another matrix, so that nothing of an older one counts. */
static json_t *options_json(const struct matrix_options *options)
{
	return json_pack("{s:s?, s:s*, s:s*, s:s*, s:s?, s:s?, s:b}", "tests", options->tests, "append", options->append,
			 "workloads", options->workloads, "scale", options->scale, "seed", options->seed, "repeat", options->repeat,
			 "full", options->full);
}

static const char *text_of(const json_t *state, const char *table, const char *key)
{
	const char *text = json_string_value(json_object_get(json_object_get(state, table), key));

	return text ? text : "";
}

/* Whether it was done, by the state. */
static bool load_cell(struct cell *cell, const json_t *state, const char *key)
{
	json_int_t done = json_integer_value(json_object_get(json_object_get(state, "done"), key));

	if (done <= CELL_TODO || done > CELL_IMPOSSIBLE)
		return false;
	free(cell->version);
	cell->version = xstrdup(text_of(state, "versions", key));
	if (is_other_kernel(cell))
		return false;
	cell->state = done;
	return true;
}

/* "6.12" of "6.12 tdp"; the caller's to free. */
static char *kernel_of(const char *key)
{
	return xasprintf("%.*s", (int)strcspn(key, " "), key);
}

/* Series that were run here once, that a glob matches, and that nobody has any more. */
static void find_gone(struct matrix *matrix, json_t *took)
{
	const char *key;
	json_t *value;

	json_object_foreach(took, key, value) {
		char *kernel = kernel_of(key);

		if (matrix->kernels.indexed && matrix_kernels_match(matrix_words(&matrix->options), kernel))
			matrix_kernels_leave(&matrix->kernels, kernel,
					     xstrdup("no suite of the list that answers has it any more"));
		free(kernel);
	}
}

void matrix_state_load(struct matrix *matrix, bool restart)
{
	json_t *state = json_load_file(matrix->state_path, 0, NULL), *options = options_json(&matrix->options);
	const char *began = json_string_value(json_object_get(state, "began"));
	bool same = !restart && json_equal(json_object_get(state, "options"), options), goes_on = false;

	for (size_t i = 0; i < matrix->count; i++) {
		struct cell *cell = &matrix->cells[i];
		char *key = matrix_cell_key(cell);

		if (same && load_cell(cell, state, key))
			goes_on = true;
		cell->duration_s = json_number_value(json_object_get(json_object_get(state, "took"), key));
		free(key);
	}
	find_gone(matrix, json_object_get(state, "took"));
	matrix->began = goes_on && began ? xstrdup(began) : utc_now("%Y-%m-%dT%H:%M:%SZ");
	json_decref(options);
	json_decref(state);
}

/* What is gone is said until the end of a matrix. */
static void forget_gone(const struct matrix_kernels *kernels, json_t *took)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(took, next, key, value) {
		char *kernel = kernel_of(key);

		if (matrix_kernels_left(kernels, kernel))
			json_object_del(took, key);
		free(kernel);
	}
}

static json_t *table_of(const json_t *state, const char *name)
{
	json_t *table = json_deep_copy(json_object_get(state, name));

	return table ? table : json_object();
}

void matrix_state_save(const struct matrix *matrix, bool done)
{
	json_t *old = json_load_file(matrix->state_path, 0, NULL);
	json_t *cells = json_object(), *versions = json_object(), *took = table_of(old, "took"), *state;
	char *text;
	int err;

	for (size_t i = 0; i < matrix->count; i++) {
		const struct cell *cell = &matrix->cells[i];
		char *key = matrix_cell_key(cell);

		if (cell->state != CELL_TODO && !done) {
			json_object_set_new(cells, key, json_integer(cell->state));
			json_object_set_new(versions, key, json_string(cell->version));
		}
		if (cell->duration_s > 0)
			json_object_set_new(took, key, json_real(cell->duration_s));
		free(key);
	}
	if (done)
		forget_gone(&matrix->kernels, took);
	state = json_pack("{s:s, s:o*, s:o, s:o, s:o}", "began", matrix->began, "options",
			  options_json(&matrix->options), "done", cells, "versions", versions, "took", took);
	text = json_dumps(state, JSON_INDENT(2));
	err = text ? file_write(matrix->state_path, text, strlen(text), 0644) : -EINVAL;
	if (err)
		die(STATUS_HARNESS, "%s: %s", matrix->state_path, strerror(-err));
	free(text);
	json_decref(state);
	json_decref(old);
}
