// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "clock.h"
#include "cmd.h"
#include "colour.h"
#include "die.h"
#include "machine-options.h"
#include "matrix.h"

static const char usage[] =
	"Usage: sptest matrix [OPTIONS]\n\n"
	"The tests on several kernels in several MMU modes, a run each, those that take longest first. One that was\n"
	"interrupted goes on where it was.\n\n"
	"  --kernels WORDS  with commas: 5.10,6.1,debug-6.12 (default: the newest of each series of the list)\n"
	"  --mmu MODES      tdp, direct, shadow, several with commas, or all (default)\n"
	"  --tests GLOBS, --full, --append ARGS, --jobs N, --seed N, --repeat N, --classify N\n"
	"                   as sptest run has them\n"
	"  --budget MIN     start no further run after so many minutes; the rest is left to the next time\n"
	"  --restart        do not go on with an interrupted one\n"
	"  --plan           only say what would be run, as commands; with --json as JSON\n"
	"  --out DIR        where run folders and their store are (default: results/runs)\n\n"
	"A kernel that is not to be had any more is said and left out.\n\n"
	"Exit status: 0 nothing failed, 1 a test failed, 2 bad input, 3 a kernel could not be tested,\n"
	"5 the budget was over before all was done.\n\n"
	"Example: sptest matrix --kernels 6.1,6.12,7.3 --budget 60\n";

#define STATUS_UNFINISHED 5

enum {
	OPT_KERNELS = 1, OPT_MMU, OPT_TESTS, OPT_FULL, OPT_JOBS, OPT_SEED, OPT_REPEAT, OPT_BUDGET,
	OPT_RESTART, OPT_PLAN, OPT_JSON, OPT_OUT, OPT_APPEND, OPT_CLASSIFY,
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "kernels", required_argument, NULL, OPT_KERNELS },
	{ "mmu", required_argument, NULL, OPT_MMU },
	{ "tests", required_argument, NULL, OPT_TESTS },
	{ "full", no_argument, NULL, OPT_FULL },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "classify", required_argument, NULL, OPT_CLASSIFY },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "repeat", required_argument, NULL, OPT_REPEAT },
	{ "budget", required_argument, NULL, OPT_BUDGET },
	{ "restart", no_argument, NULL, OPT_RESTART },
	{ "plan", no_argument, NULL, OPT_PLAN },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "out", required_argument, NULL, OPT_OUT },
	{ 0 },
};

struct options {
	struct matrix_options matrix;
	unsigned long long budget_min;
	bool restart, plan, json;
};

static const char *const states[] = {
	[CELL_TODO] = "to do", [CELL_PASSED] = "ok", [CELL_FAILED] = "FAIL", [CELL_SKIPPED] = "skip",
	[CELL_IMPOSSIBLE] = "not tested",
};

static void print_plan(const struct matrix *matrix, bool json)
{
	json_t *all = json_array();

	for (size_t i = 0; i < matrix->count; i++) {
		const struct cell *cell = &matrix->cells[i];
		struct args args = { 0 };
		char *line;

		args_add(&args, "sptest");
		matrix_command(matrix, cell, &args);
		line = args_quote(&args);
		if (json)
			json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s}", "kernel", cell->kernel,
							     "mmu", cell->mmu, "state", states[cell->state],
							     "command", line));
		else if (cell->state == CELL_TODO)
			puts(line);
		free(line);
		args_free(&args);
	}
	if (json) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(all);
}

static void print_cell(const struct cell *cell)
{
	bool colour = colour_wanted(stdout);
	const char *tint = cell->state == CELL_PASSED ? "\033[32m" : "\033[31m";

	printf("  %s%-10s%s  %-14s %-7s  %6.0f s\n", colour ? tint : "", states[cell->state],
	       colour ? "\033[0m" : "", cell->kernel, cell->mmu, cell->duration_s);
	fflush(stdout);
}

static size_t count_cells(const struct matrix *matrix, enum cell_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < matrix->count; i++)
		count += matrix->cells[i].state == state;
	return count;
}

static int finish(struct matrix *matrix)
{
	size_t todo = count_cells(matrix, CELL_TODO), failed = count_cells(matrix, CELL_FAILED);
	size_t impossible = count_cells(matrix, CELL_IMPOSSIBLE);

	printf("\n  %zu ok, %zu failed, %zu skipped, %zu not tested, %zu to do of %zu; see sptest results show, and %s\n",
	       count_cells(matrix, CELL_PASSED), failed, count_cells(matrix, CELL_SKIPPED), impossible, todo,
	       matrix->count, matrix->options.out);
	if (!todo)
		matrix_finish(matrix);
	if (failed)
		return STATUS_FAILED;
	if (impossible)
		return STATUS_HARNESS;
	return todo ? STATUS_UNFINISHED : STATUS_OK;
}

static int run_matrix(const struct options *options)
{
	uint64_t started = clock_ms(), budget_ms = options->budget_min * 60000;
	struct matrix matrix;
	int status = STATUS_OK;

	matrix_make(&matrix, &options->matrix, options->restart);
	if (options->plan) {
		print_plan(&matrix, options->json);
	} else {
		for (size_t i = 0; i < matrix.count; i++) {
			struct cell *cell = &matrix.cells[i];

			if (cell->state != CELL_TODO || (budget_ms && clock_ms() - started > budget_ms))
				continue;
			note("%s, mmu %s (%zu of %zu)", cell->kernel, cell->mmu, i + 1, matrix.count);
			matrix_run(&matrix, cell);
			print_cell(cell);
		}
		status = finish(&matrix);
	}
	matrix_free(&matrix);
	return status;
}

static void take_option(struct options *options, int opt, const char *value)
{
	struct matrix_options *matrix = &options->matrix;

	switch (opt) {
	case OPT_KERNELS:
		matrix->kernels = value;
		break;
	case OPT_MMU:
		matrix->mmu = value;
		break;
	case OPT_TESTS:
		matrix->tests = value;
		break;
	case OPT_FULL:
		matrix->full = true;
		break;
	case OPT_JOBS:
		matrix->jobs = value;
		break;
	case OPT_APPEND:
		matrix->append = value;
		break;
	case OPT_CLASSIFY:
		matrix->classify = value;
		break;
	case OPT_SEED:
		matrix->seed = value;
		break;
	case OPT_REPEAT:
		matrix->repeat = value;
		break;
	case OPT_BUDGET:
		options->budget_min = option_number("budget", value, 1, 100000);
		break;
	case OPT_RESTART:
		options->restart = true;
		break;
	case OPT_PLAN:
		options->plan = true;
		break;
	case OPT_JSON:
		options->json = true;
		break;
	case OPT_OUT:
		matrix->out = value;
		break;
	default:
		exit(STATUS_USAGE);
	}
}

int cmd_matrix(int argc, char **argv)
{
	struct options options = { .matrix = { .mmu = "all", .out = "results/runs" } };
	int opt;

	while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		take_option(&options, opt, optarg);
	}
	if (optind < argc)
		die(STATUS_USAGE, "matrix %s: see sptest matrix --help", argv[optind]);
	note_quiet(options.json);
	return run_matrix(&options);
}
