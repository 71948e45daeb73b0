// SPDX-License-Identifier: GPL-2.0-only
#include "matrix-suites.h"

#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "die.h"

#define MUTANTS "mutants"	/* of the suite and of the flavour of its kernels */
#define WORKLOADS "workloads"

static void check_command(const struct matrix_options *options, struct args *args)
{
	args_add_option(args, "tests", options->tests);
	args_add_option(args, "append", options->append);
	args_add_option(args, "jobs", options->jobs);
	args_add_option(args, "seed", options->seed);
	args_add_option(args, "repeat", options->repeat);
	args_add_option(args, "classify", options->classify);
	if (options->full)
		args_add(args, "--full");
}

static void mutants_command(const struct matrix_options *options, struct args *args)
{
	args_add_option(args, "tests", options->tests);
	args_add_option(args, "jobs", options->jobs);
	if (options->full)
		args_add(args, "--full");
}

static void workloads_command(const struct matrix_options *options, struct args *args)
{
	if (options->workloads)
		args_add(args, "%s", options->workloads);
	args_add_option(args, "append", options->append);
	args_add_option(args, "scale", options->scale);
	args_add_option(args, "seed", options->seed);
	args_add_option(args, "repeat", options->repeat);
}

static const struct suite {
	const char *name, *command;
	void (*add_options)(const struct matrix_options *options, struct args *args);
} suites[MATRIX_SUITES] = {
	{ SUITE_CHECK, "run", check_command },
	{ MUTANTS, "mutants", mutants_command },
	{ WORKLOADS, "workload", workloads_command },
};

size_t suite_list(const char *text, const char *names[MATRIX_SUITES])
{
	char *words = xstrdup(text), *rest = words, *word;
	bool named[MATRIX_SUITES] = { false }, bad = false;
	size_t count = 0;

	while ((word = strsep(&rest, ","))) {
		bool known = false;

		for (size_t i = 0; i < MATRIX_SUITES; i++)
			if (!strcmp(word, suites[i].name))
				named[i] = known = true;
		bad = bad || !known;
	}
	for (size_t i = 0; i < MATRIX_SUITES && !bad; i++)
		if (named[i])
			names[count++] = suites[i].name;
	free(words);
	return count;
}

bool suite_takes(const char *suite, const char *kernel)
{
	return strcmp(suite, MUTANTS) || !strncmp(kernel, MUTANTS "-", strlen(MUTANTS "-"));
}

void suite_command(const struct matrix_options *options, const struct cell *cell, struct args *args)
{
	for (size_t i = 0; i < MATRIX_SUITES; i++) {
		if (strcmp(suites[i].name, cell->suite))
			continue;
		args_add(args, "%s", suites[i].command);
		args_add_option(args, "kernel", cell->kernel);
		args_add_option(args, "mmu", cell->mmu);
		suites[i].add_options(options, args);
		args_add_option(args, "out", options->out);
	}
}

enum cell_state suite_state(const char *suite, int status)
{
	switch (status) {
	case STATUS_OK:
		return CELL_PASSED;
	case STATUS_FAILED:
		/* A mutant that survived says something of the tests, not of the kernel. */
		return strcmp(suite, MUTANTS) ? CELL_FAILED : CELL_PASSED;
	case STATUS_SKIPPED:
		return CELL_SKIPPED;
	default:
		return CELL_IMPOSSIBLE;
	}
}
