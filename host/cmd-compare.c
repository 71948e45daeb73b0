// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "colour.h"
#include "die.h"
#include "results/compare-figures.h"
#include "results/compare-sets.h"
#include "store-path.h"

static const char usage[] =
	"Usage: sptest compare [OPTIONS] A B\n\n"
	"Runs in pairs, test by test: what fails in B and passed in A is a regression, what passes in B and failed\n"
	"in A a fix; what ran in one only is new or gone; what passes and fails in both is flaky; what fails\n"
	"because of a known bug is known.\n\n"
	"A and B name runs: a run folder, a number of sptest results list, \"latest\", \"last-green\" (the newest run without a\n"
	"failure; as A for each run of B the one before it of its mode and kernel, or of another stable update of that kernel);\n"
	"or sets of runs: a date (YYYY-MM-DD, UTC: the newest run of each suite, kernel and mode that began on it), a\n"
	"kernel version (the newest of each suite and mode). Of sets, each run of B is held against that of A of the same suite,\n"
	"mode and accelerator, and, of two dates, kernel, or else series and flavour; runs without such a partner are named.\n\n"
	"  --figures   what tests measured, not their verdicts: is a figure worse, by a permutation test of all samples of A and B?\n"
	"              Words may be joined by commas; of a date and a kernel all runs count; A may be \"earlier\", too: for each of B\n"
	"              all runs before it of its suite, kernel series and accelerator\n"
	"  --changed   with --figures: only those that are worse or better, and the totals\n"
	"  --store DB  the database (default: results/runs/" STORE_NAME ")\n"
	"  --json      for programs\n\n"
	"Exit status: 0 no regression, 1 some, 2 bad input or nothing to compare, 3 the database cannot be used.\n\n"
	"Example: sptest compare 2026-01-01 2026-01-02\n";

static int compare(struct store *store, const char *word_a, const char *word_b, bool json)
{
	struct compare_pairs pairs;
	struct comparisons all;
	char error[STORE_ERROR];
	int status, err = compare_pairs_find(store, word_a, word_b, &pairs, error);

	if (err)
		die(err == -EIO ? STATUS_HARNESS : STATUS_USAGE, "%s", error);
	if (compare_sets(store, &pairs, &all, error))
		die(STATUS_HARNESS, "%s", error);
	if (json) {
		char *text = comparisons_json(&all);

		puts(text);
		free(text);
	} else {
		comparisons_print(&all, stdout, colour_wanted(stdout));
	}
	status = comparisons_count(&all, CHANGE_REGRESSION) ? STATUS_FAILED : STATUS_OK;
	comparisons_free(&all);
	compare_pairs_free(&pairs);
	return status;
}

static int compare_figures(struct store *store, const char *word_a, const char *word_b, bool json, bool changed)
{
	struct figure_pairs pairs;
	char error[STORE_ERROR];
	int status, err = figures_compare(store, word_a, word_b, &pairs, error);

	if (err)
		die(err == -EIO ? STATUS_HARNESS : STATUS_USAGE, "%s", error);
	if (json) {
		char *text = figure_pairs_json(&pairs);

		puts(text);
		free(text);
	} else {
		figure_pairs_print(&pairs, changed, stdout, colour_wanted(stdout));
	}
	status = figure_pairs_count(&pairs, FIGURE_WORSE) ? STATUS_FAILED : STATUS_OK;
	figure_pairs_free(&pairs);
	return status;
}

int cmd_compare(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "figures", no_argument, NULL, 'f' },
		{ "changed", no_argument, NULL, 'c' },
		{ "store", required_argument, NULL, 's' },
		{ 0 },
	};
	const char *path = NULL;
	struct store store;
	bool json = false, figures = false, changed = false;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		if (opt == 'j')
			json = true;
		else if (opt == 'f')
			figures = true;
		else if (opt == 'c')
			changed = true;
		else if (opt == 's')
			path = optarg;
		else
			return STATUS_USAGE;
	}
	if (changed && !figures)
		die(STATUS_USAGE, "compare: --changed goes with --figures; see sptest compare --help");
	if (argc - optind != 2)
		die(STATUS_USAGE, "compare: name runs, A and B; see sptest compare --help");
	store_open_words(&store, path, argv + optind);
	status = figures ? compare_figures(&store, argv[optind], argv[optind + 1], json, changed) :
			   compare(&store, argv[optind], argv[optind + 1], json);
	store_close(&store);
	return status;
}
