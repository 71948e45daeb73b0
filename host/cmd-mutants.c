// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign-folder.h"
#include "clock.h"
#include "cmd.h"
#include "die.h"
#include "kernel.h"
#include "machine-options.h"
#include "mutant-list.h"
#include "mutant-run.h"
#include "mutant-survey.h"
#include "path.h"
#include "results/mutants.h"
#include "results/run-folder.h"
#include "store-path.h"

#define DEFAULT_KERNEL "mutants-6.12"

static const char usage[] =
	"Usage: sptest mutants [OPTIONS]\n\n"
	"Would the tests have noticed? Switches defects on in a kernel that was built with them, one after\n"
	"another, and runs the tests that reach them, the likeliest first, until one fails.\n\n"
	"  --kernel WORD  of the flavour mutants (default: " DEFAULT_KERNEL "), built if need be\n"
	"  --mmu MODE     tdp (default), direct or shadow\n"
	"  --only GLOB    these mutants, globs with commas: 'kvm_*,site:wp_page_copy:*'\n"
	"  --tests GLOB   only these tests judge\n"
	"  --selftests D  tests of another folder, D/GROUP/NAME\n"
	"  --accel A      auto, kvm or tcg (default: auto)\n"
	"  --full         also what is left out of every-day runs\n"
	"  --all          go on after the first kill\n"
	"  --jobs N       mutants side by side (default: 1 for each core)\n"
	"  --out DIR      where the folder goes (default: results/campaigns)\n"
	"  --store DB     the database (default: results/runs/" STORE_NAME ", or beside the folder of --out)\n"
	"  --list         what there is, without a run; call sites are found in a run\n"
	"  --json         the result, or the list, as JSON on stdout\n\n"
	"A mutant is killed by the first test that passes without it and fails with it; it survived if no test\n"
	"that reaches it fails, is unreached if none does, and broken if it cannot be judged.\n\n"
	"Exit status: 0 all that were reached were killed, 1 some survived, 2 bad input, 3 some are broken.\n\n"
	"Example: sptest mutants --only 'tdp_*' --mmu tdp\n";

enum { OPT_KERNEL = 1, OPT_MMU, OPT_ONLY, OPT_TESTS, OPT_FULL, OPT_ALL, OPT_JOBS, OPT_OUT, OPT_LIST, OPT_JSON, OPT_STORE,
       OPT_SELFTESTS, OPT_ACCEL };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "mmu", required_argument, NULL, OPT_MMU },
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "tests", required_argument, NULL, OPT_TESTS },
	{ "selftests", required_argument, NULL, OPT_SELFTESTS },
	{ "accel", required_argument, NULL, OPT_ACCEL },
	{ "full", no_argument, NULL, OPT_FULL },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "store", required_argument, NULL, OPT_STORE },
	{ 0 },
};

struct options {
	struct mutant_options run;
	const char *out, *store;
	unsigned long jobs;
	bool list, json;
};

static int list_mutants(const struct options *options)
{
	struct mutants mutants = { 0 };

	mutant_list_load(&mutants, options->run.only);
	if (options->json) {
		json_t *all = json_array();

		for (size_t i = 0; i < mutants.count; i++)
			json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s}",
				"name", mutants.all[i].name, "text", mutants.all[i].text,
				"commit", mutants.all[i].commit, "tests", mutants.all[i].prefer));
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(all);
	} else {
		for (size_t i = 0; i < mutants.count; i++)
			printf("%-24s  %s%s%s%s\n", mutants.all[i].name, mutants.all[i].text,
			       mutants.all[i].commit[0] ? " (" : "", mutants.all[i].commit,
			       mutants.all[i].commit[0] ? ")" : "");
		printf("site:FUNCTION@FILE:LINE:skip  each call of a notifier hook, found in the kernel\n");
	}
	mutants_free(&mutants);
	return STATUS_OK;
}

static char *mutant_folder(const struct mutants *mutants, const struct mutant *mutant)
{
	return xasprintf("%s/%s", mutants->folder, mutant->name);
}

/* A child judges one mutant and leaves its verdict in a file: nothing of it is shared. */
static void judge(struct mutants *mutants, struct mutant *mutant, const struct options *options)
{
	char *folder = mutant_folder(mutants, mutant), *path = xasprintf("%s/verdict.json", folder);
	json_t *verdict;

	mutant_run(mutant, folder, &options->run);
	verdict = json_pack("{s:i, s:s, s:s, s:f, s:I}", "verdict", mutant->verdict,
			    "killer", mutant->killer, "reason", mutant->reason,
			    "duration_s", mutant->duration_s, "tried", (json_int_t)mutant->tried);
	_exit(json_dump_file(verdict, path, 0) ? STATUS_HARNESS : STATUS_OK);
}

static void read_verdict(struct mutants *mutants, struct mutant *mutant)
{
	char *folder = mutant_folder(mutants, mutant), *path = xasprintf("%s/verdict.json", folder);
	json_t *verdict = json_load_file(path, 0, NULL);
	const char *killer, *reason;
	json_int_t tried;
	int code;

	if (!verdict || json_unpack(verdict, "{s:i, s:s, s:s, s:F, s:I}", "verdict", &code, "killer",
				    &killer, "reason", &reason, "duration_s", &mutant->duration_s,
				    "tried", &tried)) {
		mutant_set_verdict(mutant, MUTANT_BROKEN, "", xasprintf("its own process failed: see %s/log", folder));
	} else {
		mutant_set_verdict(mutant, code, killer, xstrdup(reason));
		mutant->tried = tried;
	}
	note("%s: %s%s%s", mutant->name, mutant_verdict_name(mutant->verdict),
	     mutant->killer[0] ? " by " : "", mutant->killer);
	json_decref(verdict);
	free(path);
	free(folder);
}

static void wait_for_one(struct mutants *mutants, pid_t *pids)
{
	pid_t pid = wait(NULL);

	for (size_t i = 0; i < mutants->count; i++)
		if (pids[i] == pid)
			read_verdict(mutants, &mutants->all[i]);
}

static void judge_all(struct mutants *mutants, const struct options *options)
{
	pid_t *pids = xzalloc((mutants->count + 1) * sizeof(*pids));
	size_t running = 0;

	for (size_t i = 0; i < mutants->count; i++) {
		if (!mutants->all[i].reach_count)
			continue;
		if (running == options->jobs) {
			wait_for_one(mutants, pids);
			running--;
		}
		fflush(NULL);
		pids[i] = fork();
		if (pids[i] < 0)
			die(STATUS_HARNESS, "fork: %s", strerror(errno));
		if (!pids[i])
			judge(mutants, &mutants->all[i], options);
		running++;
	}
	while (running--)
		wait_for_one(mutants, pids);
	free(pids);
}

static int finish(const struct mutants *mutants, bool json)
{
	char *text = mutants_json(mutants), *path = xasprintf("%s/mutants.json", mutants->folder);
	int err = file_write(path, text, strlen(text), 0644);

	if (err)
		die(STATUS_HARNESS, "%s: %s", path, strerror(-err));
	mutants_print(mutants, json ? stderr : stdout);
	if (json)
		puts(text);
	note("everything is in %s", mutants->folder);
	free(path);
	free(text);
	if (mutants_count(mutants, MUTANT_BROKEN))
		return STATUS_HARNESS;
	return mutants_count(mutants, MUTANT_SURVIVED) ? STATUS_FAILED : STATUS_OK;
}

/* It is in its folder in any case. */
static void add_to_store(const char *folder, const struct options *options)
{
	char *path = options->out ? xasprintf("%s/" STORE_NAME, options->out) : NULL, error[STORE_ERROR];
	const char *chosen = options->store ? options->store : path;
	struct store store;
	int64_t id;
	int err;

	store_open_default(&store, chosen);
	err = store_import_campaign(&store, folder, &id, error);
	if (err && err != -EEXIST)
		warn("not in the store: %s", error);
	store_close(&store);
	free(path);
}

static int run_mutants(struct options *options)
{
	struct mutants mutants = { 0 };
	uint64_t started = clock_ms();
	struct kernel kernel = { 0 };
	int status;

	mutant_list_load(&mutants, options->run.only);
	kernel_find(&kernel, options->run.kernel ? options->run.kernel : DEFAULT_KERNEL, NULL);
	options->run.kernel = kernel.image;
	mutants.mmu = xstrdup(options->run.mmu);
	mutants.folder = campaign_folder(options->out ? options->out : "results/campaigns");
	mutants.started = utc_now("%Y-%m-%dT%H:%M:%SZ");
	note("the tests without a defect, on %s", kernel.release);
	mutant_survey(&mutants, &options->run);
	if (!mutants.count)
		die(STATUS_USAGE, "no mutant is named %s: see sptest mutants --list", options->run.only);
	judge_all(&mutants, options);
	mutants.duration_s = (clock_ms() - started) / 1000.0;
	status = finish(&mutants, options->json);
	add_to_store(mutants.folder, options);
	mutants_free(&mutants);
	kernel_release(&kernel);
	return status;
}

static void take_option(struct options *options, int opt, const char *value)
{
	switch (opt) {
	case OPT_KERNEL:
		options->run.kernel = value;
		break;
	case OPT_MMU:
		options->run.mmu = value;
		break;
	case OPT_ONLY:
		options->run.only = value;
		break;
	case OPT_TESTS:
		options->run.tests = value;
		break;
	case OPT_SELFTESTS:
		options->run.selftests = value;
		break;
	case OPT_ACCEL:
		options->run.accel = value;
		break;
	case OPT_FULL:
		options->run.full = true;
		break;
	case OPT_ALL:
		options->run.all = true;
		break;
	case OPT_JOBS:
		options->jobs = option_number("jobs", value, 1, 256);
		break;
	case OPT_OUT:
		options->out = value;
		break;
	case OPT_LIST:
		options->list = true;
		break;
	case OPT_JSON:
		options->json = true;
		break;
	case OPT_STORE:
		options->store = value;
		break;
	default:
		exit(STATUS_USAGE);
	}
}

int cmd_mutants(int argc, char **argv)
{
	struct options options = {
		.run = { .mmu = "tdp" }, .jobs = sysconf(_SC_NPROCESSORS_ONLN),
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		take_option(&options, opt, optarg);
	}
	if (optind < argc)
		die(STATUS_USAGE, "mutants %s: see sptest mutants --help", argv[optind]);
	note_quiet(options.json);
	return options.list ? list_mutants(&options) : run_mutants(&options);
}
