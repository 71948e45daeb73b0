/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run: some tests on one kernel. What summary.json holds is what stands here, field by field;
 * docs/summary.md is its reference. All strings are owned by the run and may be NULL if unknown.
 */
#ifndef SPTEST_RUN_H
#define SPTEST_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "coverage.h"
#include "measured.h"
#include "verdict.h"

#define RUN_FORMAT 2	/* "format" in summary.json; raised when a reader would break */

struct run_case {
	char *name;
	enum verdict verdict;	/* pass, fail, skip, xfail or xpass */
	char *reason;
};

struct run_test {
	char *name;		/* group/name */
	enum verdict verdict;
	char *reason;		/* one line: why not pass */
	double duration_s;
	char *mmu;		/* of a run in several modes; NULL: that of the run */
	unsigned int round;	/* 1.. with --repeat */
	uint64_t seed;
	char *witnesses;	/* space-separated: "data counters events" */
	struct coverage coverage;	/* what it reached, and of what */
	struct measured_list measured;
	struct run_case *cases;
	size_t case_count;
	char **expected;	/* kernel messages that it declared and that came */
	size_t expected_count;
	char *fingerprint;	/* of the first splat or panic: five functions, joined by " < " */
	char *folder;		/* of its files, below the run folder */
	unsigned int again;	/* times that it was run again after it failed; 0: it was not */
	unsigned int failed_again;
};

/* Where the time went, in seconds from the start of sptest; for `make bench`, never for a verdict. */
struct run_timings {
	double image;		/* spent on the host image */
	double ready;		/* first machine ready */
	double first_line;	/* first output of a test */
	double overhead;	/* mean per test: its time seen from here, less its own */
	bool restored;		/* the first machine came from a snapshot */
};

/* What an every-day run does without. */
struct run_left {
	char *test;
	char *name;		/* of a case; NULL: all of the test */
	char *reason;
};

struct run {
	char *folder;		/* results/runs/<time>-<kernel> */
	char *started;		/* ISO 8601, UTC */
	double duration_s;
	char *kernel_version;	/* upstream: 6.1.192 where the release is 6.1.0-56-cloud-amd64 */
	char *kernel_release, *kernel_source, *kernel_config_hash;
	char *accel, *accel_why, *machine, *append;
	char *mmu;		/* one mode, or several with commas */
	unsigned int memory_mib, cpus;
	uint64_t seed;
	struct run_timings timings;
	struct run_test *tests;
	size_t test_count;
	bool full;		/* nothing was left */
	struct run_left *left;
	size_t left_count;
};

struct run_totals {
	size_t by_verdict[VERDICT_COUNT];
	size_t tests, failures;
};

/* The one place where tests are counted. mmu: those of that mode, NULL: all. */
struct run_totals run_totals(const struct run *run, const char *mmu);

/* What its tests reached together; the caller's to release. */
void run_coverage(const struct run *run, struct coverage *coverage);

/* A new last test, zeroed but for its name and the verdict lost ("never finished"). */
struct run_test *run_add_test(struct run *run, const char *name);
struct run_case *run_test_add_case(struct run_test *test, const char *name, enum verdict verdict,
				   const char *reason);

/* What tells it from the others of its run: "zap/munmap direct round 2"; the caller's to free. */
char *run_test_label(const struct run_test *test);

/*
 * "deterministic": it failed each time that it was run again, "flaky 1/3": in one of three; NULL: it was not
 * run again. The caller's to free.
 */
char *run_test_class(const struct run_test *test);

/* name: of a case, or NULL */
void run_add_left(struct run *run, const char *test, const char *name, const char *reason);
void run_release(struct run *run);

#endif
