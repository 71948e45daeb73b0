// SPDX-License-Identifier: GPL-2.0-only
#include "trace/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"Usage: sptest trace [OPTIONS] -- COMMAND [ARGUMENT]...\n\n"
	"Runs COMMAND and tells, in order and with time, what the kernel told the MMU notifiers of its\n"
	"processes and what KVM made of it: invalidations with their call site, reason and range, aging,\n"
	"release. At the end how often each call site did so. Needs root, kprobes and BTF.\n\n"
	"  --sptes          also every spte that changes, old and new (TDP MMU)\n"
	"  --out FILE       not to stderr but to FILE\n"
	"  --help           this page\n\n"
	"Exit status: COMMAND's; 2 bad option, 3 this kernel cannot be traced.\n\n"
	"Example: sptest trace -- qemu-system-x86_64 -accel kvm -m 64 -nographic\n";

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "sptes", no_argument, NULL, 's' },
	{ "out", required_argument, NULL, 'o' },
	{ 0 },
};

void options_parse(struct options *options, int argc, char **argv)
{
	int opt;

	*options = (struct options){ 0 };
	/* '+': what follows COMMAND is COMMAND's */
	while ((opt = getopt_long(argc, argv, "+h", long_options, NULL)) != -1) {
		switch (opt) {
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		case 's':
			options->sptes = true;
			break;
		case 'o':
			options->out = optarg;
			break;
		default:
			exit(STATUS_USAGE);
		}
	}
	if (optind == argc) {
		fputs("sptest trace: no command to trace; sptest trace --help has an example\n", stderr);
		exit(STATUS_USAGE);
	}
	options->command = argv + optind;
}
