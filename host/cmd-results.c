// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "colour.h"
#include "die.h"
#include "machine-options.h"
#include "path.h"
#include "results/compare.h"
#include "results/store-show.h"
#include "store-path.h"

static const char usage[] =
	"Usage: sptest results list [--json]\n"
	"       sptest results show [--json]\n"
	"       sptest results trend TEST [--json]\n"
	"       sptest results figures TEST [--json]\n"
	"       sptest results mutants [--json]\n"
	"       sptest results import FOLDER|DB...\n"
	"       sptest results export DB\n"
	"       sptest results prune --keep N\n\n"
	"All runs, in one database beside their folders; each run of sptest adds itself.\n\n"
	"  list        a line a run, newest first\n"
	"  show        each test's newest verdict, tests and MMU modes down, kernels across\n"
	"  trend       one test through all runs\n"
	"  figures     what one test measured, figure by figure, through all runs\n"
	"  mutants     Markdown: the score of each campaign of sptest mutants, the newest verdict of each mutant\n"
	"  import      take in folders of runs and of sptest mutants, from other machines as well; the same\n"
	"              one twice is one; what cannot be taken in is said, and the rest is\n"
	"  export      all of it into another database, for import elsewhere; one that is there gets what it lacks\n"
	"  prune       forget all but the newest N runs and campaigns of each suite, kernel and mode; folders stay\n"
	"  --store DB  the database (default: results/runs/" STORE_NAME ")\n"
	"  --json      for programs\n\n"
	"Exit status: 0, 2 bad input, 3 the database cannot be used.\n\n"
	"Example: sptest results trend zap/munmap\n";

struct options {
	const char *store;
	unsigned int keep;
	bool json;
};

/* A campaign of mutants, or a run. */
static int import_one(struct store *store, const char *folder, const char **what, int64_t *id,
		      char error[STORE_ERROR])
{
	char *mutants = xasprintf("%s/mutants.json", folder);
	bool campaign = path_exists(mutants);

	free(mutants);
	*what = campaign ? "campaign" : "run";
	return campaign ? store_import_campaign(store, folder, id, error) :
			  store_import(store, folder, id, error);
}

static int merge(struct store *store, const char *path, char error[STORE_ERROR])
{
	int count = store_merge(store, path, error);

	if (count < 0)
		return count;
	printf("%s: %d new\n", path, count);
	return 0;
}

/* A store of its own with all that is in this one; one that is there gets what it lacks. */
static int export(struct store *store, const char *path)
{
	char error[STORE_ERROR];
	struct store copy;

	if (store_open(&copy, path, error) || merge(&copy, store->path, error))
		die(STATUS_USAGE, "%s", error);
	store_close(&copy);
	return STATUS_OK;
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static int import_folder(struct store *store, const char *folder, char error[STORE_ERROR])
{
	const char *what;
	int64_t id;
	int err = import_one(store, folder, &what, &id, error);

	if (err && err != -EEXIST)
		return err;
	printf("%s: %s %lld%s\n", folder, what, (long long)id, err ? ", known already" : "");
	return 0;
}

/* One that is damaged does not keep the others out. */
static int import(struct store *store, char **words)
{
	char error[STORE_ERROR];
	int status = STATUS_OK;

	if (!*words)
		die(STATUS_USAGE, "results import: name run folders");
	for (; *words; words++) {
		int err = is_file(*words) ? merge(store, *words, error) : import_folder(store, *words, error);

		if (!err)
			continue;
		warn("%s", error);
		status = STATUS_USAGE;
	}
	return status;
}

static int prune(struct store *store, unsigned int keep)
{
	char error[STORE_ERROR];
	int count;

	if (!keep)
		die(STATUS_USAGE, "results prune: say how many to --keep");
	count = store_prune(store, keep, error);
	if (count < 0)
		die(STATUS_HARNESS, "%s", error);
	printf("%d forgotten\n", count);
	return STATUS_OK;
}

/* Before a database is looked for. */
static bool is_command(const char *word)
{
	static const char *const commands[] = { "list", "show", "trend", "figures", "mutants", "import", "export", "prune" };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(word, commands[i]))
			return true;
	return false;
}

static int run(struct store *store, char **words, const struct options *options)
{
	enum store_form form = options->json ? STORE_JSON : colour_wanted(stdout) ? STORE_COLOUR : STORE_PLAIN;
	char error[STORE_ERROR];
	int err;

	if (!strcmp(words[0], "import"))
		return import(store, words + 1);
	if (!strcmp(words[0], "export") && words[1] && !words[2])
		return export(store, words[1]);
	if (!strcmp(words[0], "prune") && !words[1])
		return prune(store, options->keep);
	if (!strcmp(words[0], "list") && !words[1])
		err = store_list(store, stdout, options->json, error);
	else if (!strcmp(words[0], "show") && !words[1])
		err = store_matrix(store, stdout, form, error);
	else if (!strcmp(words[0], "mutants") && !words[1])
		err = store_mutants(store, stdout, options->json, error);
	else if (!strcmp(words[0], "trend") && words[1] && !words[2])
		err = store_trend(store, words[1], stdout, form, error);
	else if (!strcmp(words[0], "figures") && words[1] && !words[2])
		err = store_figures(store, words[1], stdout, options->json, error);
	else
		die(STATUS_USAGE, "results %s: see sptest results --help", words[0]);
	if (err)
		die(err == -ENOENT ? STATUS_USAGE : STATUS_HARNESS, "%s", error);
	return STATUS_OK;
}

int cmd_results(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "store", required_argument, NULL, 's' },
		{ "keep", required_argument, NULL, 'k' },
		{ 0 },
	};
	struct options options = { 0 };
	struct store store;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		if (opt == 'j')
			options.json = true;
		else if (opt == 's')
			options.store = optarg;
		else if (opt == 'k')
			options.keep = option_number("keep", optarg, 1, 1000000);
		else
			return STATUS_USAGE;
	}
	if (!argv[optind])
		die(STATUS_USAGE, "results: say list, show, trend, figures, mutants, import, export or prune; see sptest results --help");
	if (!is_command(argv[optind]))
		die(STATUS_USAGE, "results %s: see sptest results --help", argv[optind]);
	if (strcmp(argv[optind], "import"))
		store_open_there(&store, options.store);
	else
		store_open_default(&store, options.store);
	status = run(&store, argv + optind, &options);
	store_close(&store);
	return status;
}
