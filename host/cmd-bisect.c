// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "bisect.h"
#include "campaign-folder.h"
#include "cmd.h"
#include "die.h"

static const char usage[] =
	"Usage: sptest bisect --tree DIR --good COMMIT --bad COMMIT --tests GLOB [OPTIONS]\n"
	"       sptest bisect --tree DIR --good COMMIT --bad COMMIT [OPTIONS] -- COMMAND [ARG]...\n\n"
	"Which commit broke it: builds kernels between the two, boots them and runs the tests, as git bisect\n"
	"goes. One that does not build or boot is skipped.\n\n"
	"  --tree DIR       a git tree of the kernel; it is only read\n"
	"  --good COMMIT    here the tests pass\n"
	"  --bad COMMIT     here they fail\n"
	"  --tests GLOB     these\n"
	"  --flavour NAME   what is built (default: base)\n"
	"  --mmu MODE       tdp (default), direct or shadow\n"
	"  --seed N         of the tests\n"
	"  --selftests DIR  tests of another folder, DIR/GROUP/NAME\n"
	"  --accel A        auto, kvm or tcg (default: auto)\n"
	"  --full           also cases that are left out of every-day runs\n"
	"  --trust          do not judge the two ends first\n"
	"  --out DIR        where the folder goes (default: results/bisect)\n\n"
	"COMMAND gets the kernel's image as its last argument: 0 is good, 125 cannot tell, others are bad.\n\n"
	"Exit status: 0 found, 1 not found, 2 bad input, 3 sptest could not go on.\n\n"
	"Example: sptest bisect --tree ~/linux --good v6.11 --bad v6.12 --tests 'ksm/*'\n";

enum { OPT_TREE = 1, OPT_GOOD, OPT_BAD, OPT_TESTS, OPT_FLAVOUR, OPT_MMU, OPT_SEED, OPT_FULL, OPT_TRUST,
       OPT_OUT, OPT_SELFTESTS, OPT_ACCEL };

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "tree", required_argument, NULL, OPT_TREE },
	{ "good", required_argument, NULL, OPT_GOOD },
	{ "bad", required_argument, NULL, OPT_BAD },
	{ "tests", required_argument, NULL, OPT_TESTS },
	{ "flavour", required_argument, NULL, OPT_FLAVOUR },
	{ "mmu", required_argument, NULL, OPT_MMU },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "selftests", required_argument, NULL, OPT_SELFTESTS },
	{ "accel", required_argument, NULL, OPT_ACCEL },
	{ "full", no_argument, NULL, OPT_FULL },
	{ "trust", no_argument, NULL, OPT_TRUST },
	{ "out", required_argument, NULL, OPT_OUT },
	{ 0 },
};

static void take_option(struct bisect_options *options, const char **out, int opt, const char *value)
{
	switch (opt) {
	case OPT_TREE:
		options->tree = value;
		break;
	case OPT_GOOD:
		options->good = value;
		break;
	case OPT_BAD:
		options->bad = value;
		break;
	case OPT_TESTS:
		options->tests = value;
		break;
	case OPT_FLAVOUR:
		options->flavour = value;
		break;
	case OPT_MMU:
		options->mmu = value;
		break;
	case OPT_SEED:
		options->seed = value;
		break;
	case OPT_SELFTESTS:
		options->selftests = value;
		break;
	case OPT_ACCEL:
		options->accel = value;
		break;
	case OPT_FULL:
		options->full = true;
		break;
	case OPT_TRUST:
		options->trust = true;
		break;
	case OPT_OUT:
		*out = value;
		break;
	default:
		exit(STATUS_USAGE);
	}
}

int cmd_bisect(int argc, char **argv)
{
	struct bisect_options options = { .flavour = "base", .mmu = "tdp" };
	const char *out = "results/bisect";
	char *folder;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "+h", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		take_option(&options, &out, opt, optarg);
	}
	if (optind < argc)
		options.command = argv + optind;
	if (!options.tree || !options.good || !options.bad)
		die(STATUS_USAGE, "bisect: --tree, --good and --bad are needed: see sptest bisect --help");
	if (!options.tests == !options.command)
		die(STATUS_USAGE, "bisect: what judges, --tests GLOB or -- COMMAND? See sptest bisect --help");
	folder = campaign_folder(out);
	status = bisect_run(&options, folder);
	free(folder);
	return status;
}
