// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "die.h"
#include "progress.h"
#include "run-tests.h"
#include "splat.h"
#include "workload.h"
#include "xfail.h"

static const char usage[] =
	"Usage: sptest workload [NAME|GLOB] [OPTIONS]\n\n"
	"Linux guests under QEMU at work in a host machine that is short of memory: their data are\n"
	"verified, their sptes checked, live and frozen, and they must get on. Default: all workloads.\n\n"
	"  --list           the workloads; with --json: all of each\n"
	"  --scale SCALE    small (256 MiB, a round of jobs; default), nightly (1 GiB, an hour), soak\n"
	"  --kernel K       of the host machine and of the guests: as sptest run has it\n"
	"  --modules DIR    modules of a bzImage\n"
	"  --mmu MODE       tdp, direct, shadow or all\n"
	"  --accel A        auto, kvm or tcg (default: auto)\n"
	"  --append WORDS   more parameters for the host kernel\n"
	"  --smp N          CPUs of the host machine (default: 1; more can hang guests under TCG)\n"
	"  --timeout S      of each workload, in seconds on hardware\n"
	"  --seed N         of what the guests write (default: random, printed)\n"
	"  --out DIR        run folders go below DIR (default: results/runs)\n"
	"  --json           the summary on stdout, the rest on stderr\n"
	"  -v, --verbose    all cases, not only those that failed\n\n"
	"Exit status: as of sptest run.\n\n"
	"Example: sptest workload fio-verify --kernel 6.12\n";

enum { OPT_LIST = 1, OPT_SCALE, OPT_TIMEOUT, OPT_SEED, OPT_OUT, OPT_JSON };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "scale", required_argument, NULL, OPT_SCALE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "json", no_argument, NULL, OPT_JSON },
	MACHINE_OPTIONS_LONG,
	{ 0 },
};

struct workload_options {
	struct run_options run;
	const struct workload_scale *scale;
	bool list;
};

static void take_option(struct workload_options *o, int opt, const char *value)
{
	switch (opt) {
	case 'v':
		o->run.verbose = true;
		break;
	case OPT_LIST:
		o->list = true;
		break;
	case OPT_SCALE:
		o->scale = workload_scale(value);
		if (!o->scale)
			die(STATUS_USAGE, "--scale %s: small, nightly or soak is wanted", value);
		break;
	case OPT_TIMEOUT:
		o->run.supervisor.timeout_s = option_number("timeout", value, 1, 1 << 30);
		break;
	case OPT_SEED:
		o->run.seed = option_number("seed", value, 0, INT64_MAX);
		o->run.seeded = true;
		break;
	case OPT_OUT:
		o->run.out = value;
		break;
	case OPT_JSON:
		o->run.json = true;
		break;
	default:
		if (!machine_options_take(&o->run.machine, opt, value))
			exit(STATUS_USAGE);
	}
}

static int print_list(const struct test_list *list, bool json)
{
	json_t *all = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct test *test = &list->tests[i];

		json_array_append(all, test->description);
		if (!json)
			printf("%-16s %s\n", json_string_value(json_object_get(test->description, "name")),
			       test->proves);
	}
	if (json) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(all);
	return STATUS_OK;
}

static int run_workloads(struct workload_options *o, struct test_list *list, int argc, char **argv)
{
	struct run_options *run = &o->run;
	struct xfail_list xfails;
	int status;

	run->machine.memory_mib = o->scale->host_mib;
	run->supervisor.scale = o->scale->name;
	run->supervisor.modes = run->modes;
	run->supervisor.mode_count = mmu_list(run->machine.mmu, run->modes);
	splat_load();
	xfail_load(&xfails);
	run->supervisor.xfails = &xfails;
	if (!run->seeded)
		run->seed = run_random_seed();
	note_quiet(run->json);
	progress_init(run->json ? stderr : stdout, run->verbose);
	status = run_tests(run, list, argc, argv);
	xfail_free(&xfails);
	return status;
}

int cmd_workload(int argc, char **argv)
{
	struct workload_options o = {
		.run = {
			.machine = MACHINE_OPTIONS_DEFAULT,
			.supervisor = { .snapshots = true, .isolate = true, .jobs = 1 },
			.repeat = 1,
			.out = "results/runs",
		},
		.scale = workload_scale("small"),
	};
	struct test_list list;
	const char *select;
	int opt, status;

	o.run.machine.memory_mib = 0;	/* the scale has it */
	/* With more, QEMU 7.2 may deliver an interrupt to a Linux guest twice (docs/design.md, facts). */
	o.run.machine.cpus = 1;
	while ((opt = getopt_long(argc, argv, "hv", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		take_option(&o, opt, optarg);
	}
	if (o.run.machine.tests || o.run.machine.selftests || o.run.machine.memory_mib || o.run.machine.with.count)
		die(STATUS_USAGE, "--tests, --selftests, --memory and --with are of sptest run; see --help");
	select = optind < argc ? argv[optind++] : NULL;
	if (optind < argc)
		die(STATUS_USAGE, "%s: one name or glob is wanted", argv[optind]);
	o.run.machine.guests = true;
	workload_list_load(&list, select, o.scale);
	if (!list.count)
		die(STATUS_USAGE, "no workload matches %s; sptest workload --list names them", select);
	o.run.machine.tests = select;
	status = o.list ? print_list(&list, o.run.json) : run_workloads(&o, &list, argc, argv);
	machine_options_release(&o.run.machine);
	test_list_free(&list);
	return status;
}
