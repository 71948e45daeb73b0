// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "die.h"
#include "path.h"
#include "progress.h"
#include "run-tests.h"
#include "splat.h"
#include "xfail.h"

static const char usage[] =
	"Usage: sptest run [OPTIONS]\n\n"
	"Boots a kernel, runs tests on it, prints a verdict each. The run folder keeps everything.\n\n"
	MACHINE_OPTIONS_HELP
	"  --mutant NAME    a defect of the kernel is on while a test runs, or count: see sptest mutants\n"
	"  --here           no machine: run the tests on this one, as root\n"
	"  --destructive    with --here: also tests that may upset the machine\n"
	"  --full           also what is left out of every-day runs; sptest list says what and why\n"
	"  --timeout S      of every test, in seconds on hardware (default: the test's own)\n"
	"  --seed N         of the tests' randomness (default: random, printed)\n"
	"  --repeat N       rounds; the seed goes up by one each round\n"
	"  --classify N     failures run N times again, each on a fresh machine: deterministic or flaky?\n"
	"  --jobs N         machines side by side (default: two a core, by memory)\n"
	"  --isolate        a fresh machine for each test\n"
	"  --no-snapshot    boot every machine\n"
	"  --fail-fast      stop at the first failure; --keep-going (default): do not\n"
	"  --out DIR        run folders go below DIR (default: results/runs)\n"
	"  --json           the summary on stdout, the rest on stderr\n"
	"  -v, --verbose    all cases, not only those that failed\n\n"
	"SPTEST_SLOWNESS=N in the environment multiplies all deadlines by N (default: 10 with tcg, 1 with\n"
	"kvm): more on a very busy machine.\n\n"
	"Exit status: 0 nothing failed, 1 a test failed, 2 bad input or something missing,\n"
	"3 sptest could not go on, 4 every test was skipped, 130 interrupted.\n\n"
	"Example: sptest run --kernel 6.12 --mmu shadow --tests 'zap/*,ksm/merge' --repeat 10\n";

enum {
	OPT_HERE = 1, OPT_DESTRUCTIVE, OPT_TIMEOUT, OPT_SEED, OPT_REPEAT, OPT_JOBS, OPT_ISOLATE,
	OPT_NO_SNAPSHOT, OPT_FAIL_FAST, OPT_KEEP_GOING, OPT_OUT, OPT_JSON, OPT_MUTANT, OPT_FULL, OPT_CLASSIFY,
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "here", no_argument, NULL, OPT_HERE },
	{ "destructive", no_argument, NULL, OPT_DESTRUCTIVE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "repeat", required_argument, NULL, OPT_REPEAT },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "isolate", no_argument, NULL, OPT_ISOLATE },
	{ "no-snapshot", no_argument, NULL, OPT_NO_SNAPSHOT },
	{ "full", no_argument, NULL, OPT_FULL },
	{ "classify", required_argument, NULL, OPT_CLASSIFY },
	{ "fail-fast", no_argument, NULL, OPT_FAIL_FAST },
	{ "keep-going", no_argument, NULL, OPT_KEEP_GOING },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "mutant", required_argument, NULL, OPT_MUTANT },
	{ "json", no_argument, NULL, OPT_JSON },
	MACHINE_OPTIONS_LONG,
	{ 0 },
};

static void take_option(struct run_options *o, int opt, const char *value)
{
	switch (opt) {
	case 'v':
		o->verbose = true;
		break;
	case OPT_HERE:
		o->machine.here = true;
		break;
	case OPT_DESTRUCTIVE:
		o->destructive = true;
		break;
	case OPT_TIMEOUT:
		o->supervisor.timeout_s = option_number("timeout", value, 1, 86400);
		break;
	case OPT_SEED:
		o->seed = option_number("seed", value, 0, INT64_MAX);
		o->seeded = true;
		break;
	case OPT_REPEAT:
		o->repeat = option_number("repeat", value, 1, 1000000);
		break;
	case OPT_JOBS:
		o->supervisor.jobs = option_number("jobs", value, 1, 256);
		break;
	case OPT_ISOLATE:
		o->supervisor.isolate = true;
		break;
	case OPT_NO_SNAPSHOT:
		o->supervisor.snapshots = false;
		break;
	case OPT_FULL:
		o->supervisor.full = true;
		break;
	case OPT_CLASSIFY:
		o->classify = option_number("classify", value, 1, 1000);
		break;
	case OPT_FAIL_FAST:
		o->supervisor.fail_fast = true;
		break;
	case OPT_KEEP_GOING:
		o->supervisor.fail_fast = false;
		break;
	case OPT_MUTANT:
		o->supervisor.mutant = value;
		break;
	case OPT_OUT:
		o->out = value;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	default:
		if (!machine_options_take(&o->machine, opt, value))
			exit(STATUS_USAGE);
	}
}

static void check_here(const struct run_options *o)
{
	if (!o->machine.here)
		return;
	if (geteuid())
		die(STATUS_USAGE, "--here needs root: the tests read /proc/kpageflags and the like");
	if (o->machine.kernel || o->machine.append)
		die(STATUS_USAGE, "--here tests the running kernel: leave out --kernel and --append");
	if (o->classify)
		die(STATUS_USAGE, "--here has no fresh machines: leave out --classify");
	if (o->machine.with.count)
		die(STATUS_USAGE, "--here writes no image: leave out --with");
}

static void choose_modes(struct run_options *o)
{
	o->modes[0] = "running";
	o->supervisor.modes = o->modes;
	o->supervisor.mode_count = o->machine.here ? 1 : mmu_list(o->machine.mmu, o->modes);
}

int cmd_run(int argc, char **argv)
{
	struct run_options o = {
		.machine = MACHINE_OPTIONS_DEFAULT,
		.supervisor = { .snapshots = true },
		.repeat = 1,
		.out = "results/runs",
	};
	struct xfail_list xfails;
	struct test_list list;
	int opt, status;
	char *dir;

	while ((opt = getopt_long(argc, argv, "hv", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		take_option(&o, opt, optarg);
	}
	if (optind < argc)
		die(STATUS_USAGE, "%s: not an option; name tests with --tests", argv[optind]);
	check_here(&o);
	choose_modes(&o);
	splat_load();
	xfail_load(&xfails);
	if (!o.seeded)
		o.seed = run_random_seed();
	note_quiet(o.json);
	progress_init(o.json ? stderr : stdout, o.verbose);
	dir = machine_options_selftests(&o.machine);
	test_list_load(&list, dir, o.machine.tests);
	if (!list.count)
		die(STATUS_USAGE, "no test matches %s; sptest list names them",
		    o.machine.tests ? o.machine.tests : dir);
	o.supervisor.xfails = &xfails;
	o.supervisor.here = o.machine.here;
	o.supervisor.selftests = o.machine.selftests ? realpath(dir, NULL) : NULL;
	status = run_tests(&o, &list, argc, argv);
	machine_options_release(&o.machine);
	xfail_free(&xfails);
	test_list_free(&list);
	free(dir);
	return status;
}
