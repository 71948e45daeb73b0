// SPDX-License-Identifier: GPL-2.0-only
/* main() of every test: options, needs, then each case in a process of its own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/backing.h"
#include "lib/callers.h"
#include "lib/case-run.h"
#include "lib/check.h"
#include "lib/describe.h"
#include "lib/events.h"
#include "lib/exit.h"
#include "lib/full.h"
#include "lib/keeper.h"
#include "lib/kvm-probe.h"
#include "lib/machine-pin.h"
#include "lib/mappings.h"
#include "lib/modules.h"
#include "lib/mutant.h"
#include "lib/needs.h"
#include "lib/options.h"
#include "lib/process.h"
#include "lib/record.h"
#include "lib/test.h"
#include "lib/witness.h"

#define REASON_SIZE 1024

uint64_t test_seed;

struct totals {
	unsigned int number, passed, failed;
};

unsigned int test_slowness(void)
{
	const char *slow = getenv("SPTEST_SLOW"), *machine = getenv("KSFT_MACHINE_SLOW");
	int factor = slow ? atoi(slow) : 0;

	if (factor > 0)
		return factor;
	return machine && !strcmp(machine, "yes") ? 10 : 1;
}

static bool next_selected(const struct options *options, struct case_run *run)
{
	while (case_run_next(run))
		if (case_run_matches(run, options->cases) &&
		    (options->full || !full_reason(run)))
			return true;
	return false;
}

static unsigned int count_selected(const struct options *options)
{
	struct case_run run = { 0 };
	unsigned int n = 0;

	while (next_selected(options, &run))
		n++;
	return n;
}

static bool is_name_known(const char *cases)
{
	return count_selected(&(struct options){ .cases = cases, .full = true });
}

static void explain_end(int status)
{
	if (status == -ETIMEDOUT)
		expect(false, "did not end within %u s and was killed",
		       test.timeout_s * test_slowness());
	else if (WIFSIGNALED(status))
		expect(false, "was killed by signal %d (%s)", WTERMSIG(status),
		       strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == EXIT_SKIP && check_skip_reason())
		return;
	else
		expect(!WEXITSTATUS(status) || check_failed(), "ended with status %d",
		       WEXITSTATUS(status));
}

static bool is_missing(const struct case_run *run, char *why, size_t size)
{
	return needs_missing(&run->test_case->needs, why, size) ||
	       (run->backing && backing_missing(run->backing, why, size));
}

static void run_case(const struct case_run *run, struct totals *totals)
{
	unsigned int mark = keeper_mark();
	char why[REASON_SIZE];
	struct process child;
	int status;

	totals->number++;
	check_begin();
	mappings_begin();
	record_begin();
	if (is_missing(run, why, sizeof(why))) {
		printf("ok %u %s # SKIP %s\n", totals->number, run->name, why);
		return;
	}
	backing_choose(run->backing);
	child = process_start(run->test_case->run);
	status = process_wait(&child, test.timeout_s);
	/* Only then, as it may wait for what it took away itself, like a device that stands still. */
	keeper_undo(mark);
	if (status == -ETIMEDOUT)
		process_reap(&child);
	explain_end(status);
	events_end();
	if (check_failed()) {
		record_print();
		totals->failed++;
		printf("not ok %u %s\n", totals->number, run->name);
	} else if (check_skip_reason()) {
		printf("ok %u %s # SKIP %s\n", totals->number, run->name, check_skip_reason());
	} else {
		totals->passed++;
		printf("ok %u %s\n", totals->number, run->name);
	}
	fflush(stdout);
}

/* False, with the reason in the words of KTAP: what the test did to the machine is not all undone. */
static bool restore_machine(void)
{
	check_begin();
	kvm_probe_release();
	keeper_stop();
	if (check_failed())
		printf("Bail out! %s\n", check_first_failure());
	return !check_failed();
}

static int skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	fflush(stdout);
	return restore_machine() ? EXIT_SKIP : EXIT_FAIL;
}

static int run_test(const struct options *options)
{
	struct totals totals = { 0 };
	struct case_run run = { 0 };
	char why[REASON_SIZE];
	unsigned int i;

	printf("KTAP version 1\n");
	diag("seed: %lu", test_seed);
	if (geteuid())
		return skip_all("needs root");
	if (!options->full)
		full_report(options->cases);
	if (!count_selected(options))
		return skip_all("all of it is left to --full");
	keeper_start();
	for (i = 0; i < TEST_LIST_MAX && test.modules[i]; i++)
		module_want(test.modules[i]);
	if (needs_missing(&test.needs, why, sizeof(why)))
		return skip_all(why);
	/* What any test may see beside what it asks for, at hardly any cost. */
	events_open(test.events ? test.events | EVENTS_LIFE | EVENTS_WINDOW : 0);
	pin_machine();
	if (!mutant_begin()) {
		restore_machine();
		return EXIT_USAGE;
	}
	printf("1..%u\n", count_selected(options));
	while (!(options->fail_fast && totals.failed) && next_selected(options, &run))
		run_case(&run, &totals);
	witness_report();
	if (test.events)
		callers_report();
	mutant_report();
	if (!restore_machine() || totals.failed)
		return EXIT_FAIL;
	return totals.passed ? EXIT_PASS : EXIT_SKIP;
}

int main(int argc, char **argv)
{
	struct options options;

	options_parse(&options, argc, argv);
	if (options.describe)
		return describe_test();
	if (!is_name_known(options.cases)) {
		fprintf(stderr, "%s: no case is named \"%s\", see --describe\n", argv[0], options.cases);
		return EXIT_USAGE;
	}
	test_seed = options.seed;
	setvbuf(stdout, NULL, _IOLBF, 0);
	check_init();
	witness_init();
	callers_init();
	mappings_init();
	record_init();
	return run_test(&options);
}
