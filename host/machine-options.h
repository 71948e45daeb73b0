/* SPDX-License-Identifier: GPL-2.0-only */
/* The options about the host machine, which `run` and `shell` share. */
#ifndef SPTEST_MACHINE_OPTIONS_H
#define SPTEST_MACHINE_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

#include "machine.h"
#include "test-list.h"
#include "with.h"

struct machine_options {
	const char *kernel, *modules, *mmu, *accel, *append, *tests, *selftests, *gdb;
	unsigned int memory_mib, cpus;
	bool here;
	bool guests;		/* a disk with what Linux guests need, and one node only */
	const char *guest_kernel;	/* of those, as kernel is; NULL: the same */
	struct with_list with;
};

#define MACHINE_OPTIONS_DEFAULT { .mmu = "tdp", .accel = "auto", .memory_mib = 1024, .cpus = 2 }

/* For a sub-command's own table of getopt_long(); their values stay below 'A' + 1000. */
#define MACHINE_OPTIONS_LONG \
	{ "kernel", required_argument, NULL, 1000 }, \
	{ "modules", required_argument, NULL, 1001 }, \
	{ "mmu", required_argument, NULL, 1002 }, \
	{ "accel", required_argument, NULL, 1003 }, \
	{ "append", required_argument, NULL, 1004 }, \
	{ "memory", required_argument, NULL, 1005 }, \
	{ "smp", required_argument, NULL, 1006 }, \
	{ "tests", required_argument, NULL, 1007 }, \
	{ "selftests", required_argument, NULL, 1008 }, \
	{ "with", required_argument, NULL, 1009 }

#define MACHINE_OPTIONS_HELP \
	"  --kernel K       a version or prefix (6.12), bzImage, build tree, .deb[,.deb], running\n" \
	"  --modules DIR    modules of a bzImage (a folder with modules.dep)\n" \
	"  --tests GLOBS    group/name, group or name; several with commas (default: all)\n" \
	"  --selftests DIR  tests of another folder, DIR/GROUP/NAME\n" \
	"  --mmu MODE       tdp (TDP MMU), direct (rmap MMU), shadow (shadow paging); all: run in each\n" \
	"  --accel A        auto, kvm or tcg (default: auto)\n" \
	"  --append WORDS   more kernel parameters\n" \
	"  --memory MIB     of the host machine (default: 1024)\n" \
	"  --smp N          CPUs of the host machine (default: 2)\n" \
	"  --with F[=NAME]  a program of this machine with its libraries as /bin/NAME in the image, any\n" \
	"                   other file as /files/NAME; may be repeated\n"

/* True if opt was one of them. Dies (STATUS_USAGE) on a bad value. */
bool machine_options_take(struct machine_options *options, int opt, const char *value);

/* A whole number from min to max, or death: "--NAME: ...". */
unsigned long long option_number(const char *name, const char *value, unsigned long long min,
				 unsigned long long max);

/*
 * The machine that they describe, ready to start: kernel found or fetched, accelerator chosen, image
 * written.
 */
void machine_options_apply(const struct machine_options *options, const struct test_list *tests,
			   struct machine_config *config);
void machine_config_release(struct machine_config *config);

/* After the machine, whose image uses them. */
void machine_options_release(struct machine_options *options);

/* The folder of the tests in use; the caller's to free. */
char *machine_options_selftests(const struct machine_options *options);

#endif
