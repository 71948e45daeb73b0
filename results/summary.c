// SPDX-License-Identifier: GPL-2.0-only
#include "summary.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "run.h"
#include "text.h"

/* null for what is unknown, so that every key is always there. */
static json_t *text(const char *s)
{
	char *clean;
	json_t *value;

	if (!s)
		return json_null();
	clean = text_clean(s);
	value = json_string(clean);
	free(clean);
	return value;
}

static void set_text(json_t *object, const char *key, const char *s)
{
	json_object_set_new(object, key, text(s));
}

static void set_number(json_t *object, const char *key, json_int_t n)
{
	json_object_set_new(object, key, json_integer(n));
}

/* To the millisecond, which is what the clock of a run is worth. */
static void set_seconds(json_t *object, const char *key, double seconds)
{
	json_object_set_new(object, key, json_real((long long)(seconds * 1e3 + 0.5) / 1e3));
}

static json_t *kernel_object(const struct run *run)
{
	json_t *kernel = json_object();

	set_text(kernel, "release", run->kernel_release);
	set_text(kernel, "version", run->kernel_version);
	set_text(kernel, "source", run->kernel_source);
	set_text(kernel, "config_hash", run->kernel_config_hash);
	return kernel;
}

static json_t *accel_object(const struct run *run)
{
	json_t *accel = json_object();

	set_text(accel, "name", run->accel);
	set_text(accel, "why", run->accel_why);
	return accel;
}

static json_t *machine_object(const struct run *run)
{
	json_t *machine = json_object();

	set_text(machine, "description", run->machine);
	set_number(machine, "memory_mib", run->memory_mib);
	set_number(machine, "cpus", run->cpus);
	set_text(machine, "append", run->append);
	return machine;
}

static json_t *witnesses_array(const char *witnesses)
{
	json_t *array = json_array();
	char *words = xstrdup(witnesses ? witnesses : ""), *rest = words, *word;

	while ((word = strsep(&rest, " ")))
		if (*word)
			json_array_append_new(array, text(word));
	free(words);
	return array;
}

static json_t *cases_array(const struct run_test *test)
{
	json_t *array = json_array();

	for (size_t i = 0; i < test->case_count; i++) {
		json_t *object = json_object();

		set_text(object, "name", test->cases[i].name);
		set_text(object, "verdict", verdict_name(test->cases[i].verdict));
		set_text(object, "reason", test->cases[i].reason);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *expected_array(const struct run_test *test)
{
	json_t *array = json_array();

	for (size_t i = 0; i < test->expected_count; i++)
		json_array_append_new(array, text(test->expected[i]));
	return array;
}

/* As the samples of make bench are. */
static json_t *figures_object(const struct measured_list *list)
{
	json_t *object = json_object();

	for (size_t i = 0; i < list->count; i++) {
		const struct measured *figure = &list->figures[i];
		json_t *values = json_array();

		for (size_t j = 0; j < figure->count; j++)
			json_array_append_new(values, json_real(figure->values[j]));
		json_object_set_new(object, figure->name,
				    json_pack("{s:s, s:b, s:o}", "unit", figure->unit, "less_is_better",
					      figure->less_is_better, "values", values));
	}
	return object;
}

static json_t *test_object(const struct run *run, const struct run_test *test)
{
	json_t *object = json_object();
	char *class = run_test_class(test);

	set_text(object, "name", test->name);
	set_text(object, "mmu", test->mmu ? test->mmu : run->mmu);
	set_number(object, "round", test->round);
	set_text(object, "verdict", verdict_name(test->verdict));
	set_text(object, "reason", test->reason);
	set_seconds(object, "duration_s", test->duration_s);
	set_number(object, "seed", test->seed);
	json_object_set_new(object, "witnesses", witnesses_array(test->witnesses));
	json_object_set_new(object, "cases", cases_array(test));
	json_object_set_new(object, "expected", expected_array(test));
	json_object_set_new(object, "figures", figures_object(&test->measured));
	set_text(object, "fingerprint", test->fingerprint);
	set_text(object, "folder", test->folder);
	set_text(object, "class", class);
	free(class);
	return object;
}

static json_t *site_object(const struct coverage_site *site)
{
	json_t *object = json_object(), *by = json_array();

	set_text(object, "name", site->name);
	json_object_set_new(object, "reached", json_boolean(site->reached));
	for (size_t i = 0; i < site->by_count; i++)
		json_array_append_new(by, text(site->by[i]));
	json_object_set_new(object, "by", by);
	return object;
}

static json_t *coverage_array(const struct run *run)
{
	json_t *array = json_array();
	struct coverage coverage;

	run_coverage(run, &coverage);
	for (size_t i = 0; i < coverage.count; i++) {
		const struct coverage_kind *kind = &coverage.kinds[i];
		json_t *object = json_object(), *sites = json_array();

		for (size_t j = 0; j < kind->count; j++)
			json_array_append_new(sites, site_object(&kind->sites[j]));
		set_text(object, "kind", kind->kind);
		set_number(object, "reached", coverage_reached(kind));
		json_object_set_new(object, "total",
				    kind->known ? json_integer(kind->count) : json_null());
		json_object_set_new(object, "sites", sites);
		json_array_append_new(array, object);
	}
	coverage_release(&coverage);
	return array;
}

static json_t *left_array(const struct run *run)
{
	json_t *array = json_array();

	for (size_t i = 0; i < run->left_count; i++) {
		json_t *object = json_object();

		set_text(object, "test", run->left[i].test);
		set_text(object, "case", run->left[i].name);
		set_text(object, "reason", run->left[i].reason);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *totals_object(const struct run *run)
{
	struct run_totals totals = run_totals(run, NULL);
	json_t *object = json_object();

	set_number(object, "tests", totals.tests);
	set_number(object, "failures", totals.failures);
	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		set_number(object, verdict_name(v), totals.by_verdict[v]);
	return object;
}

static json_t *timings_object(const struct run_timings *timings)
{
	json_t *object = json_object();

	set_seconds(object, "image_s", timings->image);
	set_seconds(object, "ready_s", timings->ready);
	set_seconds(object, "first_line_s", timings->first_line);
	set_seconds(object, "overhead_s", timings->overhead);
	json_object_set_new(object, "restored", json_boolean(timings->restored));
	return object;
}

char *summary_json(const struct run *run)
{
	json_t *root = json_object(), *tests = json_array();
	char *dump;

	for (size_t i = 0; i < run->test_count; i++)
		json_array_append_new(tests, test_object(run, &run->tests[i]));
	set_number(root, "format", RUN_FORMAT);
	json_object_set_new(root, "kernel", kernel_object(run));
	json_object_set_new(root, "accel", accel_object(run));
	set_text(root, "mmu", run->mmu);
	set_number(root, "seed", run->seed);
	json_object_set_new(root, "machine", machine_object(run));
	set_text(root, "started", run->started);
	set_seconds(root, "duration_s", run->duration_s);
	json_object_set_new(root, "timings", timings_object(&run->timings));
	set_text(root, "folder", run->folder);
	json_object_set_new(root, "tests", tests);
	json_object_set_new(root, "coverage", coverage_array(run));
	json_object_set_new(root, "full", json_boolean(run->full));
	json_object_set_new(root, "left", left_array(run));
	json_object_set_new(root, "totals", totals_object(run));
	dump = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	json_decref(root);
	if (!dump)
		die(STATUS_HARNESS, "out of memory");
	return dump;
}
