// SPDX-License-Identifier: GPL-2.0-only
#include "run-tests.h"

#include <errno.h>
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
#include "die.h"
#include "durations.h"
#include "path.h"
#include "progress.h"
#include "reproduce.h"
#include "results/run-folder.h"
#include "results/run.h"
#include "results/summary.h"
#include "schedule.h"
#include "store-path.h"

uint64_t run_random_seed(void)
{
	uint32_t seed;

	/* 32 bits: short enough to be typed. */
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = clock_ms();
	return seed;
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
		.mutant = o->supervisor.mutant, .workload = o->supervisor.workload,
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

int run_tests(struct run_options *o, struct test_list *list, int argc, char **argv)
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

