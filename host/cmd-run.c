// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "choose-tests.h"
#include "classify.h"
#include "clock.h"
#include "cmd.h"
#include "die.h"
#include "durations.h"
#include "machine-options.h"
#include "mmu.h"
#include "path.h"
#include "progress.h"
#include "reproduce.h"
#include "results/run-folder.h"
#include "results/run.h"
#include "results/summary.h"
#include "schedule.h"
#include "splat.h"
#include "store-path.h"
#include "supervisor.h"
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

struct run_options {
	struct machine_options machine;
	struct supervisor_options supervisor;
	const char *modes[MMU_MODES];
	unsigned int repeat, classify;
	const char *out;
	uint64_t seed;
	bool seeded, destructive, json, verbose;
};

static uint64_t random_seed(void)
{
	uint32_t seed;

	/* 32 bits: short enough to be typed. */
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = clock_ms();
	return seed;
}

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

/*
 * As many machines as there are cores, tests and memory (TCG's own buffers come on top) for. Two
 * machines per core: a test waits for a third of its time, for grace periods, timers and disks (98 tests
 * in 77 s with one per core, 58 s with two).
 */
static unsigned int choose_jobs(const struct run_options *o, size_t tests)
{
	unsigned long need = (o->machine.memory_mib + 256ul) << 10, free_kib = 0;
	char *text = file_read("/proc/meminfo", NULL);
	const char *at = text ? strstr(text, "MemAvailable:") : NULL;
	unsigned long jobs = 2ul * get_nprocs();

	if (at)
		sscanf(at, "MemAvailable: %lu", &free_kib);
	free(text);
	if (o->machine.here)
		return 1;
	if (free_kib && free_kib / need < jobs)
		jobs = free_kib / need;
	if (tests < jobs)
		jobs = tests;
	return jobs ? jobs : 1;
}

/* "tdp,shadow"; the caller's to free. */
static char *join_modes(const struct run_options *o)
{
	char *text = xstrdup(o->modes[0]);

	for (size_t i = 1; i < o->supervisor.mode_count; i++) {
		char *longer = xasprintf("%s,%s", text, o->modes[i]);

		free(text);
		text = longer;
	}
	return text;
}

static void describe_run(struct run *run, const struct machine_config *config,
			 const struct run_options *o)
{
	*run = (struct run){
		.kernel_release = xstrdup(config->kernel.release),
		.kernel_source = xstrdup(config->kernel.source),
		.kernel_version = config->kernel.version ? xstrdup(config->kernel.version) : NULL,
		.accel = xstrdup(config->accel.name),
		.accel_why = xstrdup(config->accel.why),
		.mmu = join_modes(o),
		.machine = xstrdup(config->here ? "this machine" : MACHINE_QEMU " q35"),
		.memory_mib = config->here ? 0 : config->memory_mib,
		.cpus = config->here ? (unsigned int)get_nprocs() : config->cpus,
		.seed = o->seed,
		.full = o->supervisor.full,
	};
	if (config->kernel.config_hash)
		run->kernel_config_hash = xstrdup(config->kernel.config_hash);
	if (config->append)
		run->append = xstrdup(config->append);
}

static void write_environment(const struct run *run, int argc, char **argv)
{
	char *path = xasprintf("%s/environment", run->folder), *line, *text;
	struct args args = { 0 };
	struct utsname name;
	int err;

	for (int i = 0; i < argc; i++)
		args_add(&args, "%s", argv[i]);
	line = args_quote(&args);
	uname(&name);
	text = xasprintf("command: sptest %s\nstarted: %s\nouter: %s %s %s, %d CPUs\n"
			 "kernel: %s (%s)\naccel: %s: %s\nmmu: %s\nseed: %" PRIu64 "\n",
			 line, run->started, name.sysname, name.release, name.machine, get_nprocs(),
			 run->kernel_release, run->kernel_source, run->accel, run->accel_why,
			 run->mmu, run->seed);
	err = file_write(path, text, strlen(text), 0644);
	if (err)
		die(STATUS_HARNESS, "%s: %s", path, strerror(-err));
	free(text);
	free(line);
	free(path);
	args_free(&args);
}

/* reproduce.sh of the whole run; each test gets one of its own. */
static void write_reproduce(const struct run_options *o, const struct machine_config *config,
			    const struct run *run)
{
	struct machine_config all = *config;
	int err;

	all.mmu = run->mmu;
	err = reproduce_write(run->folder, &(struct reproduce){
		.config = &all, .tests = o->machine.tests, .selftests = o->supervisor.selftests,
		.seed = run->seed, .timeout_s = o->supervisor.timeout_s,
		.repeat = o->repeat, .full = o->supervisor.full,
		.mutant = o->supervisor.mutant,
	});
	if (err)
		die(STATUS_HARNESS, "%s: %s", run->folder, strerror(-err));
}

static int status_of(const struct run *run, int supervised)
{
	const struct run_totals totals = run_totals(run, NULL);

	if (supervised != STATUS_OK)
		return supervised;
	if (totals.failures)
		return STATUS_FAILED;
	return totals.tests > totals.by_verdict[VERDICT_SKIP] ? STATUS_OK : STATUS_SKIPPED;
}

/* Beside the run folders. A run is worth having without it. */
static void add_to_store(const struct run *run, const char *out)
{
	char *path = xasprintf("%s/" STORE_NAME, out), error[STORE_ERROR];
	struct store store;
	int64_t id;
	int err = store_open(&store, path, error);

	if (!err) {
		err = store_import(&store, run->folder, &id, error);
		store_close(&store);
	}
	if (err)
		warn("not in the store: %s", error);
	free(path);
}

static void finish(const struct run *run, bool json)
{
	int err = run_folder_write_summary(run);

	if (err)
		die(STATUS_HARNESS, "%s: the summary cannot be written: %s", run->folder,
		    strerror(-err));
	progress_summary(run);
	if (json) {
		char *text = summary_json(run);

		fputs(text, stdout);
		free(text);
	}
}

static double took(const void *history, size_t mode, const char *test)
{
	return durations_of(history, mode, test);
}

/* With one machine the order costs nothing, so it is the one that is easiest to read. */
static int supervise_tests(struct run_options *o, const struct test_list *list, struct run *run)
{
	struct supervisor_options *options = &o->supervisor;
	struct durations *durations = durations_load(run->accel, run->full, options->modes,
						     options->mode_count);
	struct schedule schedule;
	int status;

	schedule_make(&schedule, list, options->mode_count, o->repeat,
		      options->jobs > 1 ? took : NULL, durations);
	options->schedule = &schedule;
	status = supervise(options, run);
	run->duration_s = (clock_ms() - options->started) / 1000.0;
	if (status == STATUS_OK && o->classify)
		status = classify(options, o->classify, run);
	finish(run, o->json);
	if (!options->mutant) {		/* such runs fail on purpose */
		add_to_store(run, o->out);
		durations_keep(durations, run);
	}
	durations_free(durations);
	schedule_free(&schedule);
	return status;
}

static int run_tests(struct run_options *o, struct test_list *list, int argc, char **argv)
{
	struct machine_config config;
	struct run run;
	uint64_t started = clock_ms();
	int status, err;

	machine_options_apply(&o->machine, list, &config);
	describe_run(&run, &config, o);
	if (!o->supervisor.full)
		choose_without_full(list, &run);
	err = run_folder_create(&run, o->out);
	if (err)
		die(STATUS_HARNESS, "%s: no run folder there: %s", o->out, strerror(-err));
	progress_line("kernel %s (%s), %s, mmu %s, seed %" PRIu64, run.kernel_release,
		      run.kernel_source, run.accel, run.mmu, run.seed);
	progress_line("%s: %s", run.accel, run.accel_why);
	write_environment(&run, argc, argv);
	write_reproduce(o, &config, &run);
	if (o->machine.here && !o->destructive)
		choose_without_destructive(list, &run);
	if (!o->supervisor.jobs)
		o->supervisor.jobs = choose_jobs(o, list->count * o->repeat * o->supervisor.mode_count);
	run.timings.image = config.image_s;
	o->supervisor.started = started;
	o->supervisor.config = &config;
	status = status_of(&run, supervise_tests(o, list, &run));
	machine_config_release(&config);
	run_release(&run);
	return status;
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
		o.seed = random_seed();
	note_quiet(o.json);
	progress_init(o.json ? stderr : stdout, o.verbose);
	dir = machine_options_selftests(&o.machine);
	test_list_load(&list, dir, o.machine.tests);
	if (!list.count)
		die(STATUS_USAGE, "no test matches %s; sptest list names them",
		    o.machine.tests ? o.machine.tests : dir);
	o.supervisor.xfails = &xfails;
	o.supervisor.here = o.machine.here ? dir : NULL;
	o.supervisor.selftests = o.machine.selftests ? realpath(dir, NULL) : NULL;
	status = run_tests(&o, &list, argc, argv);
	machine_options_release(&o.machine);
	xfail_free(&xfails);
	test_list_free(&list);
	free(dir);
	return status;
}
