/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test program says of itself. It defines one `const struct test test`; main(), options,
 * needs, KTAP and clean-up are the library's.
 */
#ifndef SPTEST_LIB_TEST_H
#define SPTEST_LIB_TEST_H

#include <stdbool.h>
#include <stdint.h>

#define TEST_LIST_MAX 16
#define TEST_CASES_MAX 32

/* All of it is probed; nothing compares kernel versions. Zero or NULL: not needed. */
struct needs {
	bool kvm;			/* a KVM that runs the test guest and faults with EFAULT */
	bool ksm;
	bool swap;			/* a zram swap device of its own can be made */
	bool disk_file;			/* a file that is written back to a block device can be made */
	unsigned int memory_mib;	/* available */
	unsigned int cpus;
	unsigned int nodes;			/* NUMA nodes with memory */
	const char *files[TEST_LIST_MAX];	/* under /proc or /sys */
};

struct test_case {
	const char *name;
	void (*run)(void);	/* in a process of its own, which ends with the case */
	struct needs needs;	/* beyond those of the test: missing ones skip this case only */
	const char *full;	/* why only a full run has it (--full, SPTEST_FULL=1); NULL: every run has it */
	unsigned int backings;	/* BACKING_... of lib/backing.h: run once over each of them */
	unsigned int full_backings;	/* and, only in a full run, over these: they tell little more */
};

struct test {
	const char *name, *group;
	const char *proves;			/* one line */
	struct needs needs;
	const char *modules[TEST_LIST_MAX];	/* loaded if the kernel has them as modules */
	unsigned int events;			/* EVENTS_... of lib/events.h that the test looks at */
	unsigned int timeout_s;			/* for all its cases, on hardware */
	bool destructive;			/* may upset other processes of the machine */
	const char *full;			/* as of a case, for all of them */
	const char *expected[TEST_LIST_MAX];	/* extended regexes of kernel messages it provokes */
	struct test_case cases[TEST_CASES_MAX];
};

extern const struct test test;

/* The seed of this run (--seed, SPTEST_SEED, or random): all data are made from it. */
extern uint64_t test_seed;

/* Any deadline inside a test is multiplied by this (SPTEST_SLOW, KSFT_MACHINE_SLOW). */
unsigned int test_slowness(void);

#endif
