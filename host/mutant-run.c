// SPDX-License-Identifier: GPL-2.0-only
#include "mutant-run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "die.h"
#include "mutant-list.h"
#include "mutant-tests.h"
#include "results/mutants.h"
#include "results/verdict.h"

#define text_of mutant_tests_text

/* A test that takes so much longer than without the mutant, and so many seconds on hardware, hangs. */
#define HANG_FACTOR 10
#define HANG_S 5

static const char *preferred;

static int best_first(const void *a, const void *b)
{
	const struct mutant_reach *x = a, *y = b;
	int order = mutant_matches(preferred, y->test) - mutant_matches(preferred, x->test);

	return order ? order : (x->duration_s > y->duration_s) - (x->duration_s < y->duration_s);
}

static char *first_line(const char *before, const char *text)
{
	return xasprintf("%s: %.*s", before, (int)strcspn(text, "\n"), text);
}

/* The first thing that a test says of itself is no reason. */
static const char *skip_switch(const char *reason)
{
	const char *line = strncmp(reason, "mutant ", 7) ? NULL : strstr(reason, " is on\n");

	return line ? line + 7 : reason;
}

/* What a failed test has to say, in a line. */
static char *why(json_t *test)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(test, "cases"), i, one)
		if (!strcmp(text_of(one, "verdict"), "fail"))
			return first_line(text_of(one, "name"), skip_switch(text_of(one, "reason")));
	return first_line(text_of(test, "verdict"), text_of(test, "reason"));
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

/* Kernel parameters are on once the machine is there. */
static bool is_on(const struct mutant *mutant, json_t *test, const char *folder)
{
	char *line, *ktap;
	bool found;

	if (verdict_from_name(text_of(test, "verdict")) == VERDICT_LOST)
		return false;
	if (mutant->append[0])
		return true;
	line = xasprintf("# mutant %s is on", mutant->name);
	ktap = mutant_tests_ktap(folder, test);
	found = strstr(ktap, line);
	free(ktap);
	free(line);
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

/* True: it is known what becomes of it. */
static bool judge(struct mutant *mutant, int status, json_t *tests, const char *folder)
{
	json_t *failed = first_failed(tests), *test = failed ? failed : json_array_get(tests, 0);

	if (mutant->verdict == MUTANT_KILLED)	/* with --all the first kill stands */
		return true;
	if (!test || (status != STATUS_OK && status != STATUS_FAILED && status != STATUS_SKIPPED))
		mutant_set_verdict(mutant, MUTANT_BROKEN, "",
				   xasprintf("the tests cannot be run: see %s/log", folder));
	else if (!is_on(mutant, test, folder))
		mutant_set_verdict(mutant, MUTANT_BROKEN, "",
				   xasprintf("not switched on in %s: %s", text_of(test, "name"), text_of(test, "reason")));
	else if (failed)
		mutant_set_verdict(mutant, MUTANT_KILLED, text_of(test, "name"), why(test));
	else
		return false;
	return true;
}

/* In seconds on hardware, as sptest run takes it; the survey's are of this machine. */
static char *choose_timeout(const struct mutant *mutant, const struct mutant_reach *reach, size_t count,
			    unsigned int slowness)
{
	double longest = 0;

	if (mutant->timeout[0])
		return xstrdup(mutant->timeout);
	for (size_t i = 0; i < count; i++)
		if (reach[i].duration_s > longest)
			longest = reach[i].duration_s;
	return xasprintf("%.0f", HANG_S + ceil(HANG_FACTOR * longest / slowness));
}

/* These tests on one machine. */
static bool try_tests(struct mutant *mutant, const struct mutant_reach *reach, size_t count,
		      const char *folder, const struct mutant_options *options)
{
	char *names = join_names(reach, count);
	char *timeout = choose_timeout(mutant, reach, count, options->slowness);
	const struct mutant_tests what = {
		.mutant = mutant->append[0] ? NULL : mutant->name, .append = mutant->append,
		.timeout = timeout, .tests = names, .jobs = "1", .fail_fast = !options->all,
	};
	int status = mutant_tests_run(folder, &what, options);
	json_t *summary = mutant_tests_summary(folder), *tests = json_object_get(summary, "tests");
	bool done = judge(mutant, status, tests, folder);

	mutant->tried += json_array_size(tests);
	json_decref(summary);
	free(timeout);
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
	bool done = false;
	size_t count = 1;

	if (!mutant->reach_count)
		return;
	preferred = mutant->prefer;
	qsort(mutant->reach, mutant->reach_count, sizeof(*mutant->reach), best_first);
	mutant->verdict = MUTANT_SURVIVED;
	for (size_t i = 0; i < mutant->reach_count && (!done || options->all); i += count) {
		char *sub = xasprintf("%s/%zu", folder, i + 1);

		count = options->all ? 1 : i + 1;
		if (count > mutant->reach_count - i)
			count = mutant->reach_count - i;
		if (try_tests(mutant, &mutant->reach[i], count, sub, options) && !done) {
			done = true;
			mutant->duration_s = (clock_ms() - started) / 1000.0;
		}
		free(sub);
	}
	if (!done)
		mutant->duration_s = (clock_ms() - started) / 1000.0;
}
