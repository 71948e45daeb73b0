// SPDX-License-Identifier: GPL-2.0-only
#include "mutant-run.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "clock.h"
#include "die.h"
#include "mutant-list.h"
#include "path.h"
#include "proc.h"
#include "results/mutants.h"
#include "results/verdict.h"

/* One `sptest run`, all that it says in folder/log. Its exit status. */
static int run_tests(const char *folder, const char *mutant, const char *tests,
		     const struct mutant_options *options, bool fail_fast)
{
	char *log = xasprintf("%s/log", folder);
	struct args args = { 0 };
	int status;

	path_mkdirs(folder);
	args_add(&args, "/proc/self/exe");
	args_add(&args, "run");
	args_add(&args, "--kernel=%s", options->kernel);
	args_add(&args, "--mmu=%s", options->mmu);
	args_add(&args, "--mutant=%s", mutant);
	args_add(&args, "--out=%s", folder);
	if (tests)
		args_add(&args, "--tests=%s", tests);
	if (options->jobs)
		args_add(&args, "--jobs=%s", options->jobs);
	if (options->full)
		args_add(&args, "--full");
	if (fail_fast)
		args_add(&args, "--fail-fast");
	status = proc_run((const char *const *)args.v, &(struct proc_options){ .log = log });
	args_free(&args);
	free(log);
	return status;
}

/* summary.json of the newest run in folder, or NULL. */
static json_t *load_summary(const char *folder)
{
	char *path = xasprintf("%s/latest/summary.json", folder);
	json_t *summary = json_load_file(path, 0, NULL);

	free(path);
	return summary;
}

static const char *text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static char *load_ktap(const char *folder, json_t *test)
{
	char *path = xasprintf("%s/latest/%s/ktap", folder, text_of(test, "folder"));
	char *text = file_read(path, NULL);

	free(path);
	return text ? text : xstrdup("");
}

/* "# mutant NAME: reached N times" */
static void add_reached(struct mutants *mutants, char *line, const char *test, double duration_s,
			const char *only)
{
	struct mutant *mutant;
	char name[200];
	long hits;

	if (sscanf(line, "# mutant %199s reached %ld times", name, &hits) != 2)
		return;
	name[strcspn(name, " ")] = '\0';
	if (!*name || name[strlen(name) - 1] != ':')
		return;
	name[strlen(name) - 1] = '\0';
	if (!strncmp(name, "site:", 5))
		strcat(name, ":skip");
	mutant = mutants_get(mutants, name);
	if (!mutant && !strncmp(name, "site:", 5) && (!only || mutant_matches(only, name))) {
		mutant = mutants_add(mutants, name);
		free(mutant->text);
		mutant->text = xstrdup("this place calls no notifier");
	}
	if (mutant && hits)
		mutant_add_reach(mutant, test, duration_s);
}

static void survey_test(struct mutants *mutants, json_t *test, const char *folder,
			const struct mutant_options *options)
{
	const char *verdict = text_of(test, "verdict"), *name = text_of(test, "name");
	double duration_s = json_number_value(json_object_get(test, "duration_s"));
	char *text, *rest, *line;

	if (strcmp(verdict, "pass")) {
		if (strcmp(verdict, "skip"))
			note("%s does not pass on this kernel as it is (%s: %s): it is left out", name,
			     verdict, text_of(test, "reason"));
		return;
	}
	rest = text = load_ktap(folder, test);
	while ((line = strsep(&rest, "\n")))
		add_reached(mutants, line, name, duration_s, options->only);
	free(text);
}

void mutant_survey(struct mutants *mutants, const struct mutant_options *options)
{
	char *folder = xasprintf("%s/survey", mutants->folder);
	int status = run_tests(folder, "count", options->tests, options, false);
	json_t *summary = load_summary(folder), *test;
	size_t i;

	if ((status != STATUS_OK && status != STATUS_FAILED) || !summary)
		die(STATUS_HARNESS, "the tests cannot be run on %s: see %s/log", options->kernel, folder);
	mutants->kernel = xstrdup(text_of(json_object_get(summary, "kernel"), "release"));
	json_array_foreach(json_object_get(summary, "tests"), i, test)
		survey_test(mutants, test, folder, options);
	json_decref(summary);
	free(folder);
}

static const char *preferred;

static int best_first(const void *a, const void *b)
{
	const struct mutant_reach *x = a, *y = b;
	int order = mutant_matches(preferred, y->test) - mutant_matches(preferred, x->test);

	return order ? order : (x->duration_s > y->duration_s) - (x->duration_s < y->duration_s);
}

/* What a failed test has to say, in a line. */
static char *why(json_t *test)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(test, "cases"), i, one)
		if (!strcmp(text_of(one, "verdict"), "fail"))
			return xasprintf("%s: %.*s", text_of(one, "name"),
					 (int)strcspn(text_of(one, "reason"), "\n"),
					 text_of(one, "reason"));
	return xasprintf("%s: %.*s", text_of(test, "verdict"),
			 (int)strcspn(text_of(test, "reason"), "\n"), text_of(test, "reason"));
}

static void set_verdict(struct mutant *mutant, enum mutant_verdict verdict, const char *killer,
			char *reason)
{
	mutant->verdict = verdict;
	free(mutant->killer);
	free(mutant->reason);
	mutant->killer = xstrdup(killer);
	mutant->reason = reason;
}

/* Globs of the names of these tests: the names themselves. */
static char *join_names(const struct mutant_reach *reach, size_t count)
{
	char *names = xstrdup(reach[0].test), *more;

	for (size_t i = 1; i < count; i++) {
		more = xasprintf("%s,%s", names, reach[i].test);
		free(names);
		names = more;
	}
	return names;
}

static bool is_switched_on(const struct mutant *mutant, json_t *test, const char *folder)
{
	char *on = xasprintf("# mutant %s is on", mutant->name), *ktap = load_ktap(folder, test);
	bool found = strstr(ktap, on);

	free(ktap);
	free(on);
	return found;
}

static json_t *first_failed(json_t *tests)
{
	json_t *test;
	size_t i;

	json_array_foreach(tests, i, test)
		if (verdict_is_failure(verdict_from_name(text_of(test, "verdict"))))
			return test;
	return NULL;
}

/* These tests on one machine. True: it was killed, or cannot be judged. */
static bool try_tests(struct mutant *mutant, const struct mutant_reach *reach, size_t count,
		      const char *folder, const struct mutant_options *options)
{
	char *names = join_names(reach, count);
	struct mutant_options one = *options;
	json_t *summary, *tests, *test;
	bool done = true;
	int status;

	one.jobs = "1";
	status = run_tests(folder, mutant->name, names, &one, !options->all);
	summary = load_summary(folder);
	tests = json_object_get(summary, "tests");
	test = first_failed(tests);
	mutant->tried += json_array_size(tests);
	if (!test)
		test = json_array_get(tests, 0);
	if (!test || !is_switched_on(mutant, test, folder))
		set_verdict(mutant, MUTANT_BROKEN, "",
			    xasprintf("not switched on in %s: see %s/log", names, folder));
	else if (status == STATUS_FAILED)
		set_verdict(mutant, MUTANT_KILLED, text_of(test, "name"), why(test));
	else
		done = false;
	json_decref(summary);
	free(names);
	return done;
}

/*
 * One test, then twice as many at a time, which share a machine: that which kills most is alone, and a mutant
 * that nothing kills costs little more than the tests.
 */
void mutant_run(struct mutant *mutant, const char *folder, const struct mutant_options *options)
{
	uint64_t started = clock_ms();
	bool killed = false;
	size_t count = 1;

	if (!mutant->reach_count)
		return;
	preferred = mutant->prefer;
	qsort(mutant->reach, mutant->reach_count, sizeof(*mutant->reach), best_first);
	mutant->verdict = MUTANT_SURVIVED;
	for (size_t i = 0; i < mutant->reach_count && (!killed || options->all); i += count) {
		char *sub = xasprintf("%s/%zu", folder, i + 1);

		count = options->all ? 1 : i + 1;
		if (count > mutant->reach_count - i)
			count = mutant->reach_count - i;
		if (try_tests(mutant, &mutant->reach[i], count, sub, options) && !killed) {
			killed = true;
			mutant->duration_s = (clock_ms() - started) / 1000.0;
		}
		free(sub);
	}
	if (!killed)
		mutant->duration_s = (clock_ms() - started) / 1000.0;
}
