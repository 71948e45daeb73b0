/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_REPRODUCE_H
#define SPTEST_REPRODUCE_H

#include <stdbool.h>
#include <stdint.h>

struct machine_config;
struct workload_choice;

struct reproduce {
	const struct machine_config *config;
	const char *tests;		/* names or globs; NULL: all */
	const char *selftests;		/* --selftests, or NULL */
	uint64_t seed;
	unsigned int timeout_s;		/* 0: each test's own */
	unsigned int repeat;
	bool full;
	const char *mutant;		/* or NULL */
	const struct workload_choice *workload;	/* NULL: the tests are none */
};

/*
 * Writes folder/reproduce.sh, which runs that again; KERNEL=, MODULES= and SPTEST= in the environment
 * take it to another machine. -errno.
 */
int reproduce_write(const char *folder, const struct reproduce *what);

#endif
