// SPDX-License-Identifier: GPL-2.0-only
#include "mutant-survey.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "mutant-list.h"
#include "mutant-run.h"
#include "mutant-tests.h"
#include "results/mutants.h"

#define text_of mutant_tests_text

/* A call site is a mutant of its own once the kernel has named it. */
static struct mutant *find(struct mutants *mutants, const char *name, const char *only)
{
	struct mutant *mutant = mutants_get(mutants, name);

	if (!mutant && !strncmp(name, "site:", 5) && (!only || mutant_matches(only, name))) {
		mutant = mutants_add(mutants, name);
		free(mutant->text);
		mutant->text = xstrdup("this place calls no notifier");
	}
	return mutant;
}

/* "# mutant NAME: reached N times" */
static void add_reached(struct mutants *mutants, const char *line, const char *test, double duration_s,
			const char *only)
{
	struct mutant *mutant;
	char name[200];
	long hits;

	if (sscanf(line, "# mutant %190s reached %ld times", name, &hits) != 2)
		return;
	if (name[strlen(name) - 1] != ':')
		return;
	name[strlen(name) - 1] = '\0';
	if (!strncmp(name, "site:", 5))
		strcat(name, ":skip");
	mutant = find(mutants, name, only);
	if (!mutant)
		return;
	mutant->known = true;
	if (hits)
		mutant_add_reach(mutant, test, duration_s);
}

/* What kernel parameters break is not counted: any test may come to it. */
static void add_to_boot_mutants(struct mutants *mutants, const char *test, double duration_s)
{
	for (size_t i = 0; i < mutants->count; i++) {
		struct mutant *mutant = &mutants->all[i];

		if (!mutant->append[0])
			continue;
		mutant->known = true;
		mutant_add_reach(mutant, test, duration_s);
	}
}

static bool survey_test(struct mutants *mutants, json_t *test, const char *folder,
			const struct mutant_options *options)
{
	const char *verdict = text_of(test, "verdict"), *name = text_of(test, "name");
	double duration_s = json_number_value(json_object_get(test, "duration_s"));
	char *text, *rest, *line;

	if (strcmp(verdict, "pass")) {
		if (strcmp(verdict, "skip"))
			note("%s does not pass on this kernel as it is (%s: %s): it is left out", name,
			     verdict, text_of(test, "reason"));
		return false;
	}
	add_to_boot_mutants(mutants, name, duration_s);
	rest = text = mutant_tests_ktap(folder, test);
	while ((line = strsep(&rest, "\n")))
		add_reached(mutants, line, name, duration_s, options->only);
	free(text);
	return true;
}

static void explain_unreached(struct mutants *mutants)
{
	for (size_t i = 0; i < mutants->count; i++) {
		struct mutant *mutant = &mutants->all[i];

		if (mutant->reach_count)
			continue;
		if (mutant->known)
			mutant_set_verdict(mutant, MUTANT_UNREACHED, "", xstrdup("no test comes to its place"));
		else
			mutant_set_verdict(mutant, MUTANT_BROKEN, "", xstrdup("this kernel has no such switch"));
	}
}

void mutant_survey(struct mutants *mutants, const struct mutant_options *options)
{
	char *folder = xasprintf("%s/survey", mutants->folder);
	const struct mutant_tests what = { .mutant = "count", .tests = options->tests, .jobs = options->jobs };
	int status = mutant_tests_run(folder, &what, options);
	json_t *summary = mutant_tests_summary(folder), *tests, *test;
	size_t i, passed = 0;

	tests = json_object_get(summary, "tests");
	if ((status != STATUS_OK && status != STATUS_FAILED && status != STATUS_SKIPPED) || !tests)
		die(STATUS_HARNESS, "the tests cannot be run on %s: see %s/log", options->kernel, folder);
	mutants->kernel = xstrdup(text_of(json_object_get(summary, "kernel"), "release"));
	json_array_foreach(tests, i, test)
		passed += survey_test(mutants, test, folder, options);
	test = json_array_get(tests, 0);
	if (!passed)
		die(STATUS_HARNESS, "no test passes on %s without a defect; %s: %s", mutants->kernel,
		    text_of(test, "name"), text_of(test, "reason"));
	explain_unreached(mutants);
	json_decref(summary);
	free(folder);
}
