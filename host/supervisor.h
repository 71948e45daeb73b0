/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs tests on host machines and gives each its verdict, whatever the machines do. */
#ifndef SPTEST_SUPERVISOR_H
#define SPTEST_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"
#include "results/run.h"
#include "schedule.h"
#include "xfail.h"

/* How the reason of a test begins that never ran: the kernel did not boot. */
#define NO_MACHINE "the host machine did not start"

struct workload_choice;

struct supervisor_options {
	const struct machine_config *config;	/* but for its mmu */
	const char *const *modes;	/* MMU modes, in this order: config in each of them */
	size_t mode_count;
	const struct schedule *schedule;/* of tests in those modes */
	bool here;		/* tests are started where they lie; else they are in the image's /tests */
	const char *selftests;	/* --selftests as an absolute path, or NULL; for reproduce.sh */
	const struct xfail_list *xfails;	/* known bugs */
	unsigned int jobs;	/* machines side by side, at least 1 */
	unsigned int timeout_s;	/* of every test; 0: its own */
	bool isolate;		/* a fresh machine for each test */
	bool same_seed;		/* in all rounds: the run's; else it goes up by one each round */
	bool fail_fast;
	bool full;		/* tests run the cases that are left to full runs, too */
	const char *mutant;	/* a defect of the kernel that is on while a test runs, or NULL */
	const struct workload_choice *workload;	/* NULL: the tests are none */
	bool snapshots;		/* start machines from a snapshot where there is one */
	uint64_t started;	/* clock_ms() when sptest was started, for the timings */
};

/*
 * Fills run (its folder is there) and writes what belongs to each test. Returns STATUS_OK, or
 * STATUS_INTERRUPTED with the verdicts so far; dies (STATUS_HARNESS) when the run folder cannot be
 * written any more.
 */
int supervise(const struct supervisor_options *options, struct run *run);

#endif
