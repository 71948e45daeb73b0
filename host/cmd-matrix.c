// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "clock.h"
#include "cmd.h"
#include "colour.h"
#include "die.h"
#include "duration.h"
#include "machine-options.h"
#include "matrix.h"
#include "matrix-state.h"
#include "matrix-suites.h"
#include "option-rows.h"
#include "results/text.h"
#include "workload.h"

static const char usage[] =
	"Usage: sptest matrix [OPTIONS]\n\n"
	"The tests on several kernels in several MMU modes, a run each, those that take longest first. One that was\n"
	"interrupted goes on where it was.\n\n"
	"  --kernels WORDS  with commas: 5.10,6.1,debug-6.12, and globs of series: '6.*,7.*' (default: '*',\n"
	"                   the newest of each series of the list)\n"
	"  --mmu MODES      tdp, direct, shadow, several with commas, or all (default)\n"
	"  --suites LIST    check (default): sptest run; mutants: sptest mutants, on those of the kernels that\n"
	"                   are mutants-VERSION; workloads: sptest workload; several with commas\n"
	"  --tests GLOBS, --full, --append ARGS, --jobs N, --seed N, --repeat N, --classify N\n"
	"                   as sptest run has them; of the other suites' commands those that they know\n"
	"  --workloads GLOB of workloads: a name or a glob, as sptest workload takes it (default: all); --scale S: small,\n"
	"                   nightly or soak\n"
	"  --budget TIME    start no further run after so long, as 90m or 6h (a mere number: minutes), nor one that took\n"
	"                   longer the last time than what is left, but for the first; the next time goes on with them\n"
	"  --restart        do not go on with an interrupted one\n"
	"  --plan           only say what would be run, as commands; with --json as JSON\n"
	"  --out DIR        where run folders and their store are (default: results/runs)\n\n"
	"The package indexes are read anew, so that a stable update of last night is tested. A kernel that is not to be\n"
	"had any more is said, and the rest goes on.\n\n"
	"Exit status: 0 nothing failed, 1 a test failed, 2 bad input, 3 a kernel could not be tested,\n"
	"5 the budget was over before all was done.\n\n"
	"Example: sptest matrix --kernels 6.1,6.12,7.3 --budget 60\n";

#define STATUS_UNFINISHED 5

struct options {
	struct matrix_options matrix;
	const char *budget;
	bool restart, json;
};

static const char *const states[] = {
	[CELL_TODO] = "to do", [CELL_PASSED] = "ok", [CELL_FAILED] = "FAIL", [CELL_SKIPPED] = "skip",
	[CELL_IMPOSSIBLE] = "not tested",
};

/* A kernel, or a suite, without any cell. To the errors if what is printed is read by programs. */
static void say_lacking(const struct matrix *matrix, FILE *out)
{
	const char *suites[MATRIX_SUITES];
	size_t count = suite_list(matrix->options.suites, suites);

	for (size_t i = 0; i < matrix->kernels.left_count; i++)
		fprintf(out, "  left out    %-14s %s\n", matrix->kernels.left[i].kernel, matrix->kernels.left[i].why);
	for (size_t i = 0; i < count; i++) {
		size_t cells = 0;

		for (size_t j = 0; j < matrix->count; j++)
			cells += !strcmp(matrix->cells[j].suite, suites[i]);
		if (!cells)
			fprintf(out, "  no kernel of the list is %s-VERSION: nothing to do for --suites %s\n", suites[i],
				suites[i]);
	}
}

static void print_plan(const struct matrix *matrix, bool json)
{
	json_t *all = json_array();

	for (size_t i = 0; i < matrix->count; i++) {
		const struct cell *cell = &matrix->cells[i];
		struct args args = { 0 };
		char *line;

		args_add(&args, "sptest");
		suite_command(&matrix->options, cell, &args);
		line = args_quote(&args);
		if (json)
			json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:s}", "kernel", cell->kernel,
							     "mmu", cell->mmu, "suite", cell->suite,
							     "state", states[cell->state], "command", line));
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

/* Kernels are named by people and by archives. */
static void put_kernel(const struct matrix *matrix, const char *kernel)
{
	char *clean = text_clean_line(kernel);
	int width = 14;

	for (size_t i = 0; i < matrix->count; i++) {
		char *other = text_clean_line(matrix->cells[i].kernel);

		width = text_wider(width, other);
		free(other);
	}
	text_put(stdout, clean, width);
	free(clean);
}

static void print_cell(const struct matrix *matrix, const struct cell *cell)
{
	bool colour = colour_wanted(stdout);
	const char *tint = cell->state == CELL_PASSED ? "\033[32m" : "\033[31m";

	printf("  %s%-10s%s  ", colour ? tint : "", cell->state == CELL_TODO ? "not run" : states[cell->state],
	       colour ? "\033[0m" : "");
	put_kernel(matrix, cell->kernel);
	printf(" %-7s %-9s  %6.0f s%s%s\n", cell->mmu, cell->suite, cell->duration_s, *cell->why ? "  " : "", cell->why);
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

	printf("\n  %zu ok, %zu failed, %zu skipped, %zu not tested, %zu to do of %zu since %s; see sptest results show, and %s\n",
	       count_cells(matrix, CELL_PASSED), failed, count_cells(matrix, CELL_SKIPPED), impossible, todo,
	       matrix->count, matrix->began, matrix->options.out);
	if (!todo)
		matrix_state_save(matrix, true);
	if (failed)
		return STATUS_FAILED;
	if (impossible)
		return STATUS_HARNESS;
	return todo ? STATUS_UNFINISHED : STATUS_OK;
}

/* SIGINT goes to the run as well, which ends itself in order and says so; would sptest end first, it took the run along. */
static void leave_to_run(int number)
{
	(void)number;
}

/* 0: without end. */
static uint64_t parse_budget(const char *text)
{
	unsigned int seconds = 0;
	char *minutes;

	if (!text)
		return 0;
	minutes = xasprintf("%sm", text);
	if (!duration_parse(text, &seconds) && !duration_parse(minutes, &seconds))
		die(STATUS_USAGE, "--budget %s: a time is wanted, like 90m or 6h, or minutes", text);
	free(minutes);
	return seconds * 1000ull;
}

/* What takes longer than the whole budget would never be run, were it not the first. */
static void run_cells(struct matrix *matrix, uint64_t budget_ms)
{
	uint64_t started = clock_ms();
	bool any = false;

	for (size_t i = 0; i < matrix->count; i++) {
		struct cell *cell = &matrix->cells[i];

		if (cell->state != CELL_TODO)
			continue;
		if (!budget_ms || !any || matrix_fits(cell, (double)budget_ms / 1000 - (clock_ms() - started) / 1000.0)) {
			note("%s, mmu %s, %s (%zu of %zu)", cell->kernel, cell->mmu, cell->suite, i + 1, matrix->count);
			matrix_run(matrix, cell);
			any = true;
		}
		print_cell(matrix, cell);
	}
}

static int run_matrix(const struct options *options)
{
	uint64_t budget_ms = parse_budget(options->budget);
	struct matrix matrix;
	int status = STATUS_OK;

	if (!options->matrix.planned)
		matrix_lock(options->matrix.out);
	matrix_make(&matrix, &options->matrix, options->restart);
	say_lacking(&matrix, options->matrix.planned ? stderr : stdout);
	if (options->matrix.planned) {
		print_plan(&matrix, options->json);
	} else {
		signal(SIGINT, leave_to_run);
		matrix_state_save(&matrix, false);
		run_cells(&matrix, budget_ms);
		status = finish(&matrix);
	}
	matrix_free(&matrix);
	return status;
}

static void check_number(const char *name, const char *value, unsigned long long min, unsigned long long max)
{
	if (value)
		option_number(name, value, min, max);
}

/* Else each cell would say so, in its log, hours later. */
static void check_values(const struct matrix_options *o)
{
	check_number("jobs", o->jobs, 1, 256);
	check_number("seed", o->seed, 0, INT64_MAX);
	check_number("repeat", o->repeat, 1, 1000000);
	check_number("classify", o->classify, 1, 1000);
	if (o->workloads && (!*o->workloads || *o->workloads == '-'))
		die(STATUS_USAGE, "--workloads %s: a name or a glob of sptest workload --list is wanted", o->workloads);
	if (o->scale && !workload_scale(o->scale))
		die(STATUS_USAGE, "--scale %s: small, nightly or soak is wanted", o->scale);
}

int cmd_matrix(int argc, char **argv)
{
	struct options options = { .matrix = { .mmu = "all", .suites = SUITE_CHECK, .out = "results/runs" } };
	const struct option_row rows[] = {
		{ "kernels", .text = &options.matrix.kernels },
		{ "mmu", .text = &options.matrix.mmu },
		{ "suites", .text = &options.matrix.suites },
		{ "workloads", .text = &options.matrix.workloads },
		{ "scale", .text = &options.matrix.scale },
		{ "tests", .text = &options.matrix.tests },
		{ "full", .flag = &options.matrix.full },
		{ "append", .text = &options.matrix.append },
		{ "classify", .text = &options.matrix.classify },
		{ "jobs", .text = &options.matrix.jobs },
		{ "seed", .text = &options.matrix.seed },
		{ "repeat", .text = &options.matrix.repeat },
		{ "budget", .text = &options.budget },
		{ "restart", .flag = &options.restart },
		{ "plan", .flag = &options.matrix.planned },
		{ "json", .flag = &options.json },
		{ "out", .text = &options.matrix.out },
		{ 0 },
	};

	if (!option_rows_take(argc, argv, "matrix", usage, rows))
		return STATUS_OK;
	if (options.json && !options.matrix.planned)
		die(STATUS_USAGE, "matrix: --json goes with --plan; what a matrix came to, sptest report --json says");
	check_values(&options.matrix);
	note_quiet(options.json);
	return run_matrix(&options);
}
