// SPDX-License-Identifier: GPL-2.0-only
/* KCIDB's I/O schema v5.3 (kcidb-io): no property is null, no other property than it names. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "json-text.h"
#include "report-forms.h"
#include "report.h"

#define ORIGIN "sptest"
#define EXCERPT_MAX 16384	/* characters of log_excerpt */
#define ARCHITECTURE "x86_64"

/* "group/na me" is sptest.group.na_me: some of [a-zA-Z0-9_-] between the dots. The caller's to free. */
static char *path_of(const char *name)
{
	char *path = xasprintf(ORIGIN ".%s", *name ? name : "_");

	for (char *c = path + strlen(ORIGIN "."); *c; c++)
		if (*c == '/')
			*c = c[-1] == '.' || !c[1] ? '_' : '.';
		else if (!isascii(*c) || (!isalnum((unsigned char)*c) && *c != '-'))
			*c = '_';
	return path;
}

/* Ids are one line without control characters. */
static char *clean_id(char *id)
{
	for (char *c = id; *c; c++)
		if (!isascii(*c) || !isgraph((unsigned char)*c))
			*c = '_';
	return id;
}

/* Each store numbers its runs by itself; the content is the same in all. */
static char *run_id(const struct report_run *run)
{
	return clean_id(xasprintf(ORIGIN ":%s-%s", run->started, run->hash));
}

static const char *status(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
	case VERDICT_XPASS:
		return "PASS";
	case VERDICT_SKIP:
		return "SKIP";
	case VERDICT_LOST:
		return "MISS";
	case VERDICT_TIMEOUT:
		return "ERROR";
	default:
		return "FAIL";
	}
}

static bool is_digits(const char *s, const char *form)
{
	for (; *form; s++, form++)
		if (*form == '0' ? !isdigit((unsigned char)*s) : *s != *form)
			return false;
	return !*s;
}

/* Only what is a date-time of RFC 3339. */
static void set_time(json_t *object, const char *started)
{
	if (is_digits(started, "0000-00-00T00:00:00Z"))
		json_object_set_new(object, "start_time", json_text(started));
}

static json_t *checkout_json(const struct report_run *run, const char *id)
{
	json_t *checkout = json_pack("{s:o, s:s, s:o, s:s, s:{s:o}}", "id", json_text(id), "origin", ORIGIN,
				     "git_commit_name", json_text(run->version), "patchset_hash", "",
				     "misc", "source", json_text(run->source));

	set_time(checkout, run->started);
	return checkout;
}

static json_t *build_json(const struct report_run *run, const char *id)
{
	json_t *totals = json_object(), *build;

	for (enum verdict v = 0; v < VERDICT_COUNT; v++)
		json_object_set_new(totals, verdict_name(v), json_integer(run->totals.by_verdict[v]));
	json_object_set_new(totals, "tests", json_integer(run->totals.tests));
	json_object_set_new(totals, "failures", json_integer(run->totals.failures));
	build = json_pack("{s:o, s:o, s:s, s:s, s:o, s:s, s:{s:o, s:o, s:o, s:o, s:f}}",
			  "checkout_id", json_text(id), "id", json_text(id), "origin", ORIGIN,
			  "architecture", ARCHITECTURE, "comment", json_text(run->kernel), "status", "PASS",
			  "misc", "config_hash", json_text(run->config_hash), "accel", json_text(run->accel),
			  "mmu", json_text(run->mmu), "totals", totals, "duration_s", run->duration_s);
	set_time(build, run->started);
	return build;
}

/* "case: reason" of what failed. */
static void set_excerpt(json_t *object, const struct report_test *test)
{
	char *text, *clean;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	json_t *value;

	if (!f)
		die(STATUS_HARNESS, "out of memory");
	for (size_t i = 0; i < test->case_count; i++)
		if (verdict_is_failure(test->cases[i].verdict))
			fprintf(f, "%s: %s\n", test->cases[i].name, test->cases[i].reason);
	if (*test->fingerprint)
		fprintf(f, "%s\n", test->fingerprint);
	fclose(f);
	clean = xasprintf("%.*s", EXCERPT_MAX / 4, text);
	value = json_text(clean);
	if (*text)
		json_object_set(object, "log_excerpt", value);
	json_decref(value);
	free(clean);
	free(text);
}

static json_t *test_json(const struct report *report, const struct report_test *test, const char *build)
{
	char *path = path_of(test->name);
	char *id = clean_id(xasprintf("%s-%s-%s-%u-%u", build, path + strlen(ORIGIN "."), test->mmu,
				      test->round, test->place));
	char *command = report_command(report, test);
	json_t *object = json_pack("{s:o, s:o, s:s, s:o, s:s, s:f, s:{s:o}, s:{s:o, s:o, s:s, s:i, s:I, s:o, s:o}}",
		"build_id", json_text(build), "id", json_text(id), "origin", ORIGIN, "path", json_text(path),
		"status", status(test->verdict), "duration", test->duration_s,
		"environment", "comment", json_text(test->mmu),
		"misc", "name", json_text(test->name), "class", json_text(test->class),
		"verdict", verdict_name(test->verdict), "round", (int)test->round, "seed", (json_int_t)test->seed,
		"reason", json_text(test->reason), "command", json_text(command));

	set_time(object, report->runs[test->run].started);
	set_excerpt(object, test);
	free(command);
	free(id);
	free(path);
	return object;
}

char *report_kcidb(const struct report *report)
{
	json_t *checkouts = json_array(), *builds = json_array(), *tests = json_array();
	char **ids = xzalloc((report->run_count + 1) * sizeof(*ids));

	for (size_t i = 0; i < report->run_count; i++) {
		ids[i] = run_id(&report->runs[i]);
		json_array_append_new(checkouts, checkout_json(&report->runs[i], ids[i]));
		json_array_append_new(builds, build_json(&report->runs[i], ids[i]));
	}
	for (size_t i = 0; i < report->test_count; i++)
		json_array_append_new(tests, test_json(report, &report->tests[i], ids[report->tests[i].run]));
	for (size_t i = 0; i < report->run_count; i++)
		free(ids[i]);
	free(ids);
	return json_finish(json_pack("{s:{s:i, s:i}, s:o, s:o, s:o}", "version", "major", 5, "minor", 3,
				     "checkouts", checkouts, "builds", builds, "tests", tests));
}
