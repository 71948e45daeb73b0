/* SPDX-License-Identifier: GPL-2.0-only */
/* What `workload` and `deadlock` share: options, and a run of files of that form. */
#ifndef SPTEST_WORKLOAD_RUN_H
#define SPTEST_WORKLOAD_RUN_H

#include "run-tests.h"
#include "workload.h"

struct workload_options {
	struct run_options run;
	struct workload_choice choice;
	bool list;
	const char *save;	/* of deadlocks: the name that it gets; NULL: none */
	bool minimise;
};

/* Of workload alone. */
#define WORKLOAD_HERE_HELP \
	"  --here           no host machine: guests of this machine's own libvirt, as root. The machine is left\n" \
	"                   as it is: it has the memory, swap and KSM that it has\n"

/* Of both commands, in their help. */
#define WORKLOAD_OPTIONS_HELP \
	"  --guest-kernel K of the guests; default: the host's\n" \
	"  --modules DIR    modules of a bzImage\n" \
	"  --mmu MODE       tdp, direct, shadow or all\n" \
	"  --accel A        auto, kvm or tcg (default: auto)\n" \
	"  --append WORDS   more parameters for the host kernel\n" \
	"  --smp N          CPUs of the host machine (default: 1; more can hang guests under TCG)\n" \
	"  --scale SCALE    small (256 MiB, a round of jobs; default), nightly (1 GiB, an hour), soak\n" \
	"  --duration TIME  jobs are repeated for so long, as 90s, 10m or 2h; default: the scale's\n" \
	"  --pressure LIST  what else the host does, as khugepaged,memhog: --list names what there is\n" \
	"  --timeout S      of each, in seconds on hardware\n" \
	"  --seed N         of what the guests write (default: random, printed)\n" \
	"  --repeat N       rounds; the seed goes up by one each round\n" \
	"  --out DIR        run folders go below DIR (default: results/runs)\n" \
	"  --json           the summary (or the list) on stdout, the rest on stderr\n" \
	"  -v, --verbose    all cases, not only those that failed\n"

/*
 * Sets the defaults and takes the options; *name becomes the one word beside them, or NULL. False: usage was asked for
 * and printed. Dies (STATUS_USAGE) on what makes no sense.
 */
bool workload_options_parse(struct workload_options *o, int argc, char **argv, const char *usage, const char **name);

/* Runs those of the list, which has the options' scale, as run_tests() does. */
int workload_run(struct workload_options *o, struct test_list *list, int argc, char **argv);

/* The same for selftests, on a machine as `run` starts it but with the options' CPUs. */
int workload_run_selftests(struct workload_options *o, struct test_list *list, int argc, char **argv);

#endif
