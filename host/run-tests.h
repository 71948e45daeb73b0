/* SPDX-License-Identifier: GPL-2.0-only */
/* One run from the choice of its kernel to its summary: what `run` and `workload` share. */
#ifndef SPTEST_RUN_TESTS_H
#define SPTEST_RUN_TESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "machine-options.h"
#include "mmu.h"
#include "supervisor.h"
#include "test-list.h"

struct run_options {
	struct machine_options machine;
	struct supervisor_options supervisor;
	const char *modes[MMU_MODES];
	unsigned int repeat, classify;
	const char *out;
	uint64_t seed;
	bool seeded, destructive, json, verbose;
};

/* One that was drawn; 32 bits: short enough to be typed. */
uint64_t run_random_seed(void);

/*
 * Runs the tests of the list as the options say, on machines of its own, and leaves the run folder and its
 * place in the store. argv: what was typed, for the folder. Returns a STATUS_*; dies as supervise() does.
 */
int run_tests(struct run_options *options, struct test_list *list, int argc, char **argv);

#endif
