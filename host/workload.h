/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workloads: files of share/workloads and share/deadlocks, or one that is named by its path, each made a test whose
 * program is the director (workload/).
 */
#ifndef SPTEST_WORKLOAD_H
#define SPTEST_WORKLOAD_H

#include "machine.h"
#include "test-list.h"

struct workload_scale {
	const char *name;
	unsigned int host_mib;	/* memory of the host machine; what workloads need is said in percent of it */
	unsigned int seconds;	/* that the jobs of a guest are repeated for */
};

/* What else than its name makes a workload what it is; for reproduce.sh, too. */
struct workload_choice {
	const struct workload_scale *scale;
	unsigned int duration_s;	/* instead of the scale's; 0: that */
	bool here;			/* guests of this machine, which is left as it is */
	const char *file;		/* the path that was given instead of a name, or NULL */
	const char *guest_kernel;	/* a word for kernel_find(); NULL: the host's */
	const char *pressures;		/* names of share/pressures, with commas; or NULL */
};

/* NULL if there is none of that name. */
const struct workload_scale *workload_scale(const char *name);

/*
 * Those of share/FOLDER and the user's own whose names match the glob; NULL: all; or choice->file. The description of each has its plan for
 * the director. Dies (STATUS_USAGE) on a file that makes no sense, with its line.
 */
void workload_list_load(struct test_list *list, const char *folder, const char *select,
			const struct workload_choice *choice);

/* --list of them: a line each, or all that is known. */
void workload_list_print(const struct test_list *list, bool json);

/*
 * With --here: the plan of a test, with what config has of its guests, written to the test's folder. The path is the
 * caller's to free. Dies (STATUS_HARNESS) if it cannot be written.
 */
char *workload_plan_write(const struct test *test, const struct machine_config *config, const char *folder);

#endif
