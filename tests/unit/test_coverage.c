// SPDX-License-Identifier: GPL-2.0-only
/* What tests print of coverage, and what becomes of it over a run. */
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "results/coverage.h"
#include "results/ktap.h"
#include "results/run.h"
#include "results/summary.h"

static struct coverage taken(const char *first, const char *second)
{
	struct coverage coverage = { 0 };

	coverage_take(&coverage, first);
	coverage_take(&coverage, second);
	return coverage;
}

static void several_lines_are_one_list(void **state)
{
	struct coverage c = taken("coverable call sites: a+0x1 b+0x2", "coverable call sites:  c b+0x2");

	(void)state;
	assert_int_equal(c.count, 1);
	assert_string_equal(c.kinds[0].kind, "call sites");
	assert_true(c.kinds[0].known);
	assert_int_equal(c.kinds[0].count, 3);
	assert_int_equal(coverage_reached(&c.kinds[0]), 0);
	coverage_take(&c, "covers call sites: c");
	assert_int_equal(coverage_reached(&c.kinds[0]), 1);
	assert_true(c.kinds[0].sites[2].reached);
	coverage_release(&c);
}

static void what_is_reached_unlisted_counts_as_well(void **state)
{
	struct coverage c = taken("coverable x: a", "covers x: b");

	(void)state;
	assert_int_equal(c.kinds[0].count, 2);
	assert_int_equal(coverage_reached(&c.kinds[0]), 1);
	coverage_release(&c);
}

static void nobody_may_know_what_there_is(void **state)
{
	struct coverage c = taken("covers x: a", "covers y: a");

	(void)state;
	assert_int_equal(c.count, 2);
	assert_false(c.kinds[0].known);
	coverage_release(&c);
}

static void other_diagnostics_are_let_be(void **state)
{
	struct coverage c = taken("covers x", "coverage of x: a b");

	(void)state;
	coverage_take(&c, "covers : a");
	coverage_take(&c, "discovers x: a");
	assert_int_equal(c.count, 0);
	coverage_release(&c);
}

static void lines_that_were_overwritten_are_let_be(void **state)
{
	struct coverage c = taken("coverable x: a", "covers x: a C\xef\x90 H");

	(void)state;
	assert_int_equal(c.kinds[0].count, 1);
	assert_int_equal(coverage_reached(&c.kinds[0]), 0);
	coverage_release(&c);
}

static void only_the_outermost_level_speaks(void **state)
{
	static const char *const lines[] = {
		"KTAP version 1", "1..1", "  KTAP version 1", "  1..1", "  # covers x: inner",
		"  ok 1 a", "ok 1 b", "# covers x: outer",
	};
	struct ktap *ktap = ktap_new();

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		ktap_feed(ktap, lines[i]);
	assert_int_equal(ktap_coverage(ktap)->count, 1);
	assert_int_equal(ktap_coverage(ktap)->kinds[0].count, 1);
	assert_string_equal(ktap_coverage(ktap)->kinds[0].sites[0].name, "outer");
	ktap_free(ktap);
}

static void a_run_merges_its_tests(void **state)
{
	static const char *const names[] = { "zap/a", "zap/b", "zap/b", "zap/c" };
	json_t *root, *kind, *sites;
	struct run run = { 0 };
	char *text;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct coverage *c = &run_add_test(&run, names[i])->coverage;

		coverage_take(c, i == 3 ? "nothing: said" : "coverable x: one two three");
		coverage_take(c, i ? "covers x: two" : "covers x: one two");
	}
	coverage_release(&run.tests[3].coverage);
	text = summary_json(&run);
	root = json_loads(text, 0, NULL);
	kind = json_array_get(json_object_get(root, "coverage"), 0);
	sites = json_object_get(kind, "sites");
	assert_string_equal(json_string_value(json_object_get(kind, "kind")), "x");
	assert_int_equal(json_integer_value(json_object_get(kind, "reached")), 2);
	assert_int_equal(json_integer_value(json_object_get(kind, "total")), 3);
	assert_int_equal(json_array_size(json_object_get(json_array_get(sites, 0), "by")), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(sites, 1), "by")), 2);
	assert_true(json_is_false(json_object_get(json_array_get(sites, 2), "reached")));
	json_decref(root);
	free(text);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_lines_are_one_list),
		cmocka_unit_test(what_is_reached_unlisted_counts_as_well),
		cmocka_unit_test(nobody_may_know_what_there_is),
		cmocka_unit_test(other_diagnostics_are_let_be),
		cmocka_unit_test(lines_that_were_overwritten_are_let_be),
		cmocka_unit_test(only_the_outermost_level_speaks),
		cmocka_unit_test(a_run_merges_its_tests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
