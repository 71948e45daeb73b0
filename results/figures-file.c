// SPDX-License-Identifier: GPL-2.0-only
/*
 * "samples" of make bench: name -> { "unit": "s", "less_is_better": true, "values": [ ... ] };
 * in a summary.json each test has such "figures".
 */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "figures.h"
#include "host/die.h"

static const char *const names[FIGURE_CHANGES] = {
	[FIGURE_WORSE] = "worse", [FIGURE_BETTER] = "better", [FIGURE_SAME] = "same",
	[FIGURE_TOO_FEW] = "too few samples",
};

/* The caller's to free. */
static double *values_of(const json_t *figure, size_t *count)
{
	const json_t *array = json_object_get(figure, "values");
	double *values;

	*count = json_array_size(array);
	values = xzalloc((*count + 1) * sizeof(*values));
	for (size_t i = 0; i < *count; i++)
		values[i] = json_number_value(json_array_get(array, i));
	return values;
}

static bool compare_one(const char *name, const json_t *a, const json_t *b, FILE *out)
{
	bool less = json_is_true(json_object_get(b, "less_is_better"));
	const char *unit = json_string_value(json_object_get(b, "unit"));
	size_t a_count, b_count;
	double *x = values_of(a, &a_count), *y = values_of(b, &b_count);
	enum figure_change change = figures_judge(x, a_count, y, b_count, less);

	fprintf(out, "  %-15s  %-28s  %10.4g -> %10.4g %-10s  %zu and %zu samples, chance %.3f\n", names[change],
		name, figures_median(x, a_count), figures_median(y, b_count), unit ? unit : "", a_count, b_count,
		figures_chance(x, a_count, y, b_count));
	free(x);
	free(y);
	return change == FIGURE_WORSE;
}

/* One value after another, whatever round or mode it is of: "TEST FIGURE" is its name. */
static void take_figures(json_t *samples, const json_t *test)
{
	const char *of = json_string_value(json_object_get(test, "name")), *name;
	json_t *figure;

	json_object_foreach(json_object_get(test, "figures"), name, figure) {
		char *key = xasprintf("%s %s", of ? of : "", name);
		json_t *there = json_object_get(samples, key);

		if (there)
			json_array_extend(json_object_get(there, "values"), json_object_get(figure, "values"));
		else
			json_object_set(samples, key, figure);
		free(key);
	}
}

/* The caller's to release; NULL: it is neither file. */
static json_t *samples_of(const json_t *root)
{
	json_t *samples = json_object_get(root, "samples"), *tests = json_object_get(root, "tests"), *test;
	size_t i;

	if (json_is_object(samples))
		return json_incref(samples);
	if (!json_is_array(tests))
		return NULL;
	samples = json_object();
	json_array_foreach(tests, i, test)
		take_figures(samples, test);
	return samples;
}

int figures_compare(const char *path_a, const char *path_b, FILE *out, char *error, size_t error_size)
{
	const char *const paths[] = { path_a, path_b };
	json_t *roots[2] = { NULL, NULL }, *samples[2] = { NULL, NULL }, *figure;
	const char *name;
	int worse = 0;

	for (int i = 0; i < 2; i++) {
		roots[i] = json_load_file(paths[i], 0, NULL);
		samples[i] = samples_of(roots[i]);
		if (samples[i])
			continue;
		snprintf(error, error_size, "%s: no file of make bench with samples, and no summary.json", paths[i]);
		worse = -EINVAL;
		goto out;
	}
	json_object_foreach(samples[1], name, figure) {
		const json_t *other = json_object_get(samples[0], name);

		if (other)
			worse += compare_one(name, other, figure, out);
	}
out:
	for (int i = 0; i < 2; i++) {
		json_decref(samples[i]);
		json_decref(roots[i]);
	}
	return worse;
}
