// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <jansson.h>

#include "host/mutant-list.h"
#include "results/mutants.h"

#define OWN "config/sptest/mutants/"

static void killed(struct mutants *mutants, const char *name, double seconds)
{
	struct mutant *mutant = mutants_add(mutants, name);

	mutant->verdict = MUTANT_KILLED;
	mutant->duration_s = seconds;
	free(mutant->killer);
	mutant->killer = xstrdup("zap/munmap");
	free(mutant->reason);
	mutant->reason = xstrdup("part: pages");
	mutant_add_reach(mutant, "zap/munmap", 1.5);
}

static void make(struct mutants *mutants)
{
	*mutants = (struct mutants){ .kernel = xstrdup("6.12.1-mutants"), .mmu = xstrdup("tdp") };
	killed(mutants, "one", 3);
	killed(mutants, "two", 1);
	killed(mutants, "three", 8);
	mutants_add(mutants, "four")->verdict = MUTANT_SURVIVED;
	mutants_add(mutants, "five")->verdict = MUTANT_UNREACHED;
}

static char *printed(const struct mutants *mutants)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	mutants_print(mutants, out);
	fclose(out);
	return text;
}

static void score_counts_what_was_reached(void **state)
{
	struct mutants mutants;
	char *text;

	(void)state;
	make(&mutants);
	text = printed(&mutants);
	assert_non_null(strstr(text, "3 of 4 reached mutants killed (75 %), 1 survived, 1 not reached, 0 broken"));
	assert_non_null(strstr(text, "median time to the kill 3.0 s"));
	assert_true(strstr(text, "four") < strstr(text, "one"));
	free(text);
	mutants_free(&mutants);
}

static void json_has_all_of_it(void **state)
{
	struct mutants mutants;
	json_t *root, *first;
	char *text;

	(void)state;
	make(&mutants);
	text = mutants_json(&mutants);
	root = json_loads(text, 0, NULL);
	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "totals"), "killed")), 3);
	assert_int_equal(json_array_size(json_object_get(root, "mutants")), 5);
	first = json_array_get(json_object_get(root, "mutants"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "killer")), "zap/munmap");
	assert_string_equal(json_string_value(json_object_get(first, "verdict")), "killed");
	json_decref(root);
	free(text);
	mutants_free(&mutants);
}

static void files_name_mutants(void **state)
{
	struct mutants mutants = { 0 };

	scratch_text(state, OWN "mine_one.conf", "text = breaks it\ncommit = 123\ntests = zap/*\nappend = quiet\ntimeout = 7\n");
	scratch_text(state, OWN "mine_two.conf", "text = that too\n");
	mutant_list_load(&mutants, "mine_*");
	assert_int_equal(mutants.count, 2);
	assert_string_equal(mutants.all[0].name, "mine_one");
	assert_string_equal(mutants.all[0].commit, "123");
	assert_string_equal(mutants.all[0].prefer, "zap/*");
	assert_string_equal(mutants.all[0].append, "quiet");
	assert_string_equal(mutants.all[0].timeout, "7");
	assert_string_equal(mutants.all[1].commit, "");
	assert_non_null(mutants_get(&mutants, "mine_two"));
	assert_null(mutants_get(&mutants, "kvm_range_first_page"));
	mutants_free(&mutants);
}

static void globs_with_commas(void **state)
{
	(void)state;
	assert_true(mutant_matches("a*,b?", "abc"));
	assert_true(mutant_matches("a*,b?", "bx"));
	assert_false(mutant_matches("a*,b?", "bxy"));
	assert_false(mutant_matches("", "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(score_counts_what_was_reached),
		cmocka_unit_test(json_has_all_of_it),
		cmocka_unit_test_setup_teardown(files_name_mutants, scratch_make, scratch_remove),
		cmocka_unit_test(globs_with_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
