// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "colour.h"
#include "die.h"
#include "results/compare.h"
#include "results/figures.h"
#include "store-path.h"

static const char usage[] =
	"Usage: sptest compare [OPTIONS] A B\n\n"
	"Two runs, test by test: what fails in B and passed in A is a regression, what passes in B and failed\n"
	"in A a fix; what ran in one only is new or gone; what passes and fails in both is flaky; what fails\n"
	"because of a known bug is known.\n\n"
	"A and B are run folders, numbers of sptest results list, kernel versions (the newest run), dates\n"
	"(YYYY-MM-DD), \"latest\", or \"last-green\": the newest run without a failure; as A the one before B of B's\n"
	"mode and kernel, or of another stable update of that kernel.\n\n"
	"  --figures   A and B are files of make bench or summary.json: is a figure worse, by a permutation test?\n"
	"  --store DB  the database (default: results/runs/" STORE_NAME ")\n"
	"  --json      for programs\n\n"
	"Exit status: 0 no regression, 1 some, 2 bad input, 3 the database cannot be used.\n\n"
	"Example: sptest compare last-green latest\n";

static int64_t find(struct store *store, const char *word, int64_t like)
{
	char error[STORE_ERROR];
	int64_t id;

	if (store_find(store, word, like, &id, error))
		die(STATUS_USAGE, "%s", error);
	return id;
}

static int compare(struct store *store, const char *word_a, const char *word_b, bool json)
{
	struct comparison comparison;
	char error[STORE_ERROR];
	int64_t a, b;
	int status;

	b = find(store, word_b, 0);
	a = find(store, word_a, b);
	if (compare_runs(store, a, b, &comparison, error))
		die(STATUS_HARNESS, "%s", error);
	if (json) {
		char *text = comparison_json(&comparison);

		puts(text);
		free(text);
	} else {
		comparison_print(&comparison, stdout, colour_wanted(stdout));
	}
	status = comparison_count(&comparison, CHANGE_REGRESSION) ? STATUS_FAILED : STATUS_OK;
	comparison_free(&comparison);
	return status;
}

static int compare_figures(const char *a, const char *b)
{
	char error[STORE_ERROR];
	int worse = figures_compare(a, b, stdout, error, sizeof(error));

	if (worse < 0)
		die(STATUS_USAGE, "%s", error);
	return worse ? STATUS_FAILED : STATUS_OK;
}

int cmd_compare(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "figures", no_argument, NULL, 'f' },
		{ "store", required_argument, NULL, 's' },
		{ 0 },
	};
	const char *path = NULL;
	struct store store;
	bool json = false, figures = false;
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
		else if (opt == 's')
			path = optarg;
		else
			return STATUS_USAGE;
	}
	if (argc - optind != 2)
		die(STATUS_USAGE, "compare: name two runs, A and B; see sptest compare --help");
	if (figures)
		return compare_figures(argv[optind], argv[optind + 1]);
	store_open_default(&store, path);
	status = compare(&store, argv[optind], argv[optind + 1], json);
	store_close(&store);
	return status;
}
