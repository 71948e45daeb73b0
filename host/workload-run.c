// SPDX-License-Identifier: GPL-2.0-only
#include "workload-run.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "duration.h"
#include "path.h"
#include "progress.h"
#include "splat.h"
#include "xfail.h"

enum { OPT_LIST = 1, OPT_SCALE, OPT_DURATION, OPT_GUEST_KERNEL, OPT_PRESSURE, OPT_TIMEOUT, OPT_SEED, OPT_REPEAT,
       OPT_OUT, OPT_JSON, OPT_HERE, OPT_SAVE, OPT_MINIMISE };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "scale", required_argument, NULL, OPT_SCALE },
	{ "duration", required_argument, NULL, OPT_DURATION },
	{ "guest-kernel", required_argument, NULL, OPT_GUEST_KERNEL },
	{ "pressure", required_argument, NULL, OPT_PRESSURE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "repeat", required_argument, NULL, OPT_REPEAT },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "here", no_argument, NULL, OPT_HERE },
	{ "save", required_argument, NULL, OPT_SAVE },
	{ "minimise", no_argument, NULL, OPT_MINIMISE },
	MACHINE_OPTIONS_LONG,
	{ 0 },
};

/* Of a file (it has a slash in it), so that a run may be reproduced anywhere; lives as long as sptest does. NULL: none. */
static const char *absolute(const char *word)
{
	return strchr(word, '/') ? realpath(word, NULL) : NULL;
}

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
		o->choice.scale = workload_scale(value);
		if (!o->choice.scale)
			die(STATUS_USAGE, "--scale %s: small, nightly or soak is wanted", value);
		break;
	case OPT_DURATION:
		if (!duration_parse(value, &o->choice.duration_s))
			die(STATUS_USAGE, "--duration %s: a time is wanted, like 90s, 10m or 2h", value);
		break;
	case OPT_GUEST_KERNEL:
		o->run.machine.guest_kernel = o->choice.guest_kernel = absolute(value) ?: value;
		break;
	case OPT_PRESSURE:
		o->choice.pressures = value;
		break;
	case OPT_TIMEOUT:
		o->run.supervisor.timeout_s = option_number("timeout", value, 1, 1 << 30);
		break;
	case OPT_SEED:
		o->run.seed = option_number("seed", value, 0, INT64_MAX);
		o->run.seeded = true;
		break;
	case OPT_REPEAT:
		o->run.repeat = option_number("repeat", value, 1, 1000000);
		break;
	case OPT_OUT:
		o->run.out = value;
		break;
	case OPT_HERE:
		o->choice.here = o->run.machine.here = true;
		break;
	case OPT_JSON:
		o->run.json = true;
		break;
	case OPT_SAVE:
		o->save = value;
		break;
	case OPT_MINIMISE:
		o->minimise = true;
		break;
	default:
		if (!machine_options_take(&o->run.machine, opt, value))
			exit(STATUS_USAGE);
	}
}

static void check_here(const struct workload_options *o)
{
	char *director = path_libexec("workload-here");

	if (!o->choice.here || o->list)
		return;
	if (geteuid())
		die(STATUS_USAGE, "--here needs root: guests are those of qemu:///system, and the kernel log is read");
	if (!path_exists(director))
		die(STATUS_USAGE, "--here: this sptest was built without libvirt: install libvirt-dev, then build again");
	if (o->run.machine.kernel || o->run.machine.append)
		die(STATUS_USAGE, "--here has the running kernel: leave out --kernel and --append; --guest-kernel is for guests");
	if (o->choice.pressures)
		die(STATUS_USAGE, "--here leaves the machine's memory as it is: leave out --pressure");
	free(director);
}

bool workload_options_parse(struct workload_options *o, int argc, char **argv, const char *usage, const char **name)
{
	int opt;

	*o = (struct workload_options){
		.run = {
			/*
			 * One CPU: with more, QEMU 7.2 may deliver an interrupt to a Linux guest twice
			 * (docs/design.md, facts). The memory is the scale's.
			 */
			.machine = { .mmu = "tdp", .accel = "auto", .cpus = 1, .guests = true },
			.supervisor = { .snapshots = true, .isolate = true, .jobs = 1 },
			.repeat = 1,
			.out = "results/runs",
		},
		.choice = { .scale = workload_scale("small") },
	};
	optind = 0;	/* a deadlock's file has options, too: it is done twice */
	while ((opt = getopt_long(argc, argv, "hv", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return false;
		}
		take_option(o, opt, optarg);
	}
	if (o->run.machine.tests || o->run.machine.selftests || o->run.machine.memory_mib || o->run.machine.with.count)
		die(STATUS_USAGE, "--tests, --selftests, --memory and --with are of sptest run; see --help");
	check_here(o);
	*name = optind < argc ? argv[optind++] : NULL;
	if (optind < argc)
		die(STATUS_USAGE, "%s: one name is wanted", argv[optind]);
	if (!*name || !strchr(*name, '/'))
		return true;
	o->choice.file = absolute(*name);
	if (!o->choice.file)
		die(STATUS_USAGE, "%s: %s", *name, strerror(errno));
	return true;
}

static int run_list(struct run_options *run, struct test_list *list, int argc, char **argv)
{
	struct xfail_list xfails;
	int status;

	run->modes[0] = "running";
	run->supervisor.modes = run->modes;
	run->supervisor.mode_count = run->machine.here ? 1 : mmu_list(run->machine.mmu, run->modes);
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

int workload_run(struct workload_options *o, struct test_list *list, int argc, char **argv)
{
	o->run.machine.memory_mib = o->choice.scale->host_mib;
	o->run.supervisor.workload = &o->choice;
	o->run.supervisor.here = o->choice.here;
	return run_list(&o->run, list, argc, argv);
}

int workload_run_selftests(struct workload_options *o, struct test_list *list, int argc, char **argv)
{
	static const struct machine_options defaults = MACHINE_OPTIONS_DEFAULT;

	o->run.machine.memory_mib = defaults.memory_mib;
	o->run.machine.guests = false;
	return run_list(&o->run, list, argc, argv);
}
