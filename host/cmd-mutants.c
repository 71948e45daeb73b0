// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accel.h"
#include "campaign-folder.h"
#include "cmd.h"
#include "die.h"
#include "kernel.h"
#include "mutant-campaign.h"
#include "mutant-list.h"
#include "mutant-run.h"
#include "option-rows.h"
#include "path.h"
#include "results/mutants.h"
#include "store-path.h"
#include "upstream.h"

#define DEFAULT_KERNEL "mutants-6.12"
#define SUITE_OWN "sptest"
#define SUITE_UPSTREAM "upstream"
#define SUITES 2
#define UPSTREAM_MIB "4096"	/* dirty_log_test maps 1 GiB, mremap_test 2 GiB */

static const char usage[] =
	"Usage: sptest mutants [OPTIONS]\n\n"
	"Would the tests have noticed? Switches defects on in a kernel that was built with them, one after\n"
	"another, and runs the tests that reach them, the likeliest first, until one fails.\n\n"
	"  --kernel WORD  of the flavour mutants (default: " DEFAULT_KERNEL "), built if need be\n"
	"  --mmu MODE     tdp (default), direct or shadow\n"
	"  --only GLOB    these mutants, globs with commas: 'kvm_*,site:wp_page_copy:*'\n"
	"  --tests GLOB   only these tests judge\n"
	"  --suite LIST   sptest (default), upstream, or both: upstream is the kernel's own selftests, built from\n"
	"                 its source package\n"
	"  --tree PATH    the source for that, a tree or a tarball, instead of the package\n"
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
	"Exit status, of the first suite: 0 all that were reached were killed, 1 some survived, 2 bad input,\n"
	"3 some are broken.\n\n"
	"Example: sptest mutants --only 'tdp_*' --mmu tdp\n";

struct options {
	struct mutant_options run;
	const char *out, *store, *suites, *tree;
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

/* Its folder, its tests, its verdicts, its row in the store. */
static void run_suite(struct mutants *mutants, const struct options *options, const struct kernel *kernel)
{
	struct mutant_options run = options->run;
	struct upstream upstream = { 0 };
	struct accel accel;

	if (!strcmp(mutants->suite, SUITE_UPSTREAM)) {
		upstream_get(&upstream, kernel, options->tree);
		run.selftests = upstream.selftests;
		run.with = &upstream.with;
		run.memory = UPSTREAM_MIB;
	}
	accel_choose(&accel, run.accel ? run.accel : "auto");
	run.slowness = accel.slowness;
	run.kernel = kernel->image;
	mutants->mmu = xstrdup(run.mmu);
	mutant_list_load(mutants, run.only);
	note("%s: the tests without a defect, on %s", mutants->suite, kernel->release);
	mutant_campaign(mutants, &run, options->jobs);
	add_to_store(mutants->folder, options);
	upstream_free(&upstream);
}

/* Names with commas; how many. Dies on one that is none. */
static size_t split_suites(const char *names, struct mutants suites[SUITES])
{
	char *copy = xstrdup(names), *rest = copy, *name;
	size_t count = 0;

	while ((name = strsep(&rest, ","))) {
		if (count == SUITES || (strcmp(name, SUITE_OWN) && strcmp(name, SUITE_UPSTREAM)))
			die(STATUS_USAGE, "--suite %s: " SUITE_OWN ", " SUITE_UPSTREAM " or both are wanted", names);
		suites[count++].suite = xstrdup(name);
	}
	free(copy);
	return count;
}

static void show(const struct mutants *suites, size_t count, bool json)
{
	FILE *out = json ? stderr : stdout;

	for (size_t i = 0; i < count; i++)
		mutants_print(&suites[i], out);
	if (count > 1)
		mutants_print_beside(suites, count, out);
	if (json) {
		char *text = mutants_json_all(suites, count);

		puts(text);
		free(text);
	}
}

/* The first suite is the one that is judged. */
static int status_of(const struct mutants *mutants)
{
	if (mutants_count(mutants, MUTANT_BROKEN))
		return STATUS_HARNESS;
	return mutants_count(mutants, MUTANT_SURVIVED) ? STATUS_FAILED : STATUS_OK;
}

static int run_mutants(const struct options *options)
{
	struct mutants suites[SUITES] = { 0 };
	size_t count = split_suites(options->suites, suites);
	struct kernel kernel = { 0 };
	char *folder;
	int status;

	kernel_find(&kernel, options->run.kernel ? options->run.kernel : DEFAULT_KERNEL, NULL);
	folder = campaign_folder(options->out ? options->out : "results/campaigns");
	for (size_t i = 0; i < count; i++) {
		suites[i].folder = count > 1 ? xasprintf("%s/%s", folder, suites[i].suite) : xstrdup(folder);
		path_mkdirs(suites[i].folder);
		run_suite(&suites[i], options, &kernel);
	}
	show(suites, count, options->json);
	note("everything is in %s", folder);
	status = status_of(&suites[0]);
	for (size_t i = 0; i < count; i++)
		mutants_free(&suites[i]);
	kernel_release(&kernel);
	free(folder);
	return status;
}

int cmd_mutants(int argc, char **argv)
{
	struct options options = {
		.run = { .mmu = "tdp" }, .suites = SUITE_OWN, .jobs = sysconf(_SC_NPROCESSORS_ONLN),
	};
	const struct option_row rows[] = {
		{ "kernel", .text = &options.run.kernel },
		{ "mmu", .text = &options.run.mmu },
		{ "only", .text = &options.run.only },
		{ "tests", .text = &options.run.tests },
		{ "suite", .text = &options.suites },
		{ "tree", .text = &options.tree },
		{ "selftests", .text = &options.run.selftests },
		{ "accel", .text = &options.run.accel },
		{ "full", .flag = &options.run.full },
		{ "all", .flag = &options.run.all },
		{ "jobs", .number = &options.jobs, .min = 1, .max = 256 },
		{ "out", .text = &options.out },
		{ "list", .flag = &options.list },
		{ "json", .flag = &options.json },
		{ "store", .text = &options.store },
		{ 0 },
	};

	if (!option_rows_take(argc, argv, "mutants", usage, rows))
		return STATUS_OK;
	note_quiet(options.json);
	return options.list ? list_mutants(&options) : run_mutants(&options);
}
