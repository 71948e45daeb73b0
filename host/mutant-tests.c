// SPDX-License-Identifier: GPL-2.0-only
#include "mutant-tests.h"

#include <stdlib.h>

#include "args.h"
#include "die.h"
#include "mutant-run.h"
#include "path.h"
#include "proc.h"

static void add_option(struct args *args, const char *name, const char *value)
{
	if (value && *value)
		args_add(args, "--%s=%s", name, value);
}

int mutant_tests_run(const char *folder, const struct mutant_tests *what,
		     const struct mutant_options *options)
{
	char *log = xasprintf("%s/log", folder);
	struct args args = { 0 };
	int status;

	path_mkdirs(folder);
	args_add(&args, "/proc/self/exe");
	args_add(&args, "run");
	add_option(&args, "kernel", options->kernel);
	add_option(&args, "mmu", options->mmu);
	add_option(&args, "accel", options->accel);
	add_option(&args, "selftests", options->selftests);
	add_option(&args, "memory", options->memory);
	add_option(&args, "mutant", what->mutant);
	add_option(&args, "append", what->append);
	add_option(&args, "timeout", what->timeout);
	add_option(&args, "tests", what->tests);
	add_option(&args, "jobs", what->jobs);
	add_option(&args, "out", folder);
	for (size_t i = 0; options->with && i < options->with->count; i++)
		add_option(&args, "with", options->with->v[i]);
	if (options->full)
		args_add(&args, "--full");
	if (what->fail_fast)
		args_add(&args, "--fail-fast");
	status = proc_run((const char *const *)args.v, &(struct proc_options){ .log = log });
	args_free(&args);
	free(log);
	return status;
}

json_t *mutant_tests_summary(const char *folder)
{
	char *path = xasprintf("%s/latest/summary.json", folder);
	json_t *summary = json_load_file(path, 0, NULL);

	free(path);
	return summary;
}

const char *mutant_tests_text(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

char *mutant_tests_ktap(const char *folder, json_t *test)
{
	char *path = xasprintf("%s/latest/%s/ktap", folder, mutant_tests_text(test, "folder"));
	char *text = file_read(path, NULL);

	free(path);
	return text ? text : xstrdup("");
}
