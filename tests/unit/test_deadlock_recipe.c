// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <stdlib.h>
#include <string.h>

#include "host/deadlock-minimise.h"
#include "host/path.h"

#define LINES "proves = it\nsignature = a < b\nguests = 4\nguest = 160 %\npattern = 80 %\nmemhog = 60 %\n" \
	"job = one\njob = two --x=y\noption = --seed=7\noption = --pressure=a,b,c\noption = --duration=40s\n"

static struct recipe recipe;

static void set_up(void **state)
{
	static const char text[] = "# a comment\n" LINES;
	char *path = scratch_file(state, "recipe", text, strlen(text));

	recipe_load(&recipe, path);
	free(path);
}

static char *text_of(void **state, const struct recipe *what)
{
	char *path = xasprintf("%s/written", (char *)*state), *text;

	recipe_write(what, path, "Words.");
	text = file_read(path, NULL);
	free(path);
	return text;
}

static void what_is_written_is_what_was_read(void **state)
{
	struct recipe copy;
	char *text;

	set_up(state);
	copy = recipe_copy(&recipe);
	text = text_of(state, &copy);
	assert_string_equal(text, "# Words.\n" LINES);
	free(text);
	recipe_free(&copy);
	recipe_free(&recipe);
}

static void an_option_takes_the_place_of_itself(void **state)
{
	struct args args = { 0 };

	set_up(state);
	recipe_set_option(&recipe, "seed", "8");
	recipe_set_option(&recipe, "pressure", NULL);
	recipe_set_option(&recipe, "kernel", "6.12");
	recipe_add_options(&recipe, &args);
	assert_int_equal(args.count, 3);
	assert_string_equal(args.v[0], "--duration=40s");
	assert_string_equal(args.v[1], "--seed=8");
	assert_string_equal(args.v[2], "--kernel=6.12");
	assert_null(recipe_option(&recipe, "pressure"));
	assert_null(recipe_option(&recipe, "see"));
	args_free(&args);
	recipe_free(&recipe);
}

/* The deadlock comes as long as these are there. */
struct needs {
	const char *guests, *memhog, *job, *pressure;
};

static bool judge(const struct recipe *smaller, const char *what, void *context)
{
	struct needs *needs = context;
	const char *pressure = recipe_option(smaller, "pressure"), *memhog = recipe_get(smaller, "memhog");
	bool job = false;

	assert_true(*what);
	assert_string_equal(recipe_option(smaller, "seed"), "7");
	for (size_t i = 0; i < smaller->count; i++)
		job = job || !strcmp(smaller->lines[i].value, needs->job);
	return job && atoi(recipe_get(smaller, "guests")) >= atoi(needs->guests) &&
	       (!needs->pressure || (pressure && strstr(pressure, needs->pressure))) &&
	       (memhog ? atoi(memhog) : 0) >= atoi(needs->memhog);
}

static void only_what_the_deadlock_needs_is_left(void **state)
{
	struct needs needs = { "2", "30", "two --x=y", "b" };
	char *text;

	set_up(state);
	/* a, c; one; 4 -> 2; 60 -> 30; 80 -> 5; 160 -> 40; 40 -> 5 s */
	assert_int_equal(recipe_minimise(&recipe, judge, &needs), 14);
	text = text_of(state, &recipe);
	assert_string_equal(text, "# Words.\nproves = it\nsignature = a < b\nguests = 2\nguest = 40 %\npattern = 5 %\n"
			    "memhog = 30 %\njob = two --x=y\noption = --seed=7\noption = --pressure=b\n"
			    "option = --duration=5s\n");
	free(text);
	recipe_free(&recipe);
}

static bool never(const struct recipe *smaller, const char *what, void *context)
{
	(void)smaller;
	(void)what;
	(void)context;
	return false;
}

static void what_needs_all_stays_as_it_is(void **state)
{
	char *before, *after;

	set_up(state);
	before = text_of(state, &recipe);
	assert_int_equal(recipe_minimise(&recipe, never, NULL), 0);
	after = text_of(state, &recipe);
	assert_string_equal(before, after);
	free(before);
	free(after);
	recipe_free(&recipe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_what_was_read),
		cmocka_unit_test(an_option_takes_the_place_of_itself),
		cmocka_unit_test(only_what_the_deadlock_needs_is_left),
		cmocka_unit_test(what_needs_all_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
