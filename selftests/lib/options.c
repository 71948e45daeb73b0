// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/exit.h"
#include "lib/full.h"
#include "lib/options.h"
#include "lib/test.h"

static void print_help(const char *program)
{
	printf("%s/%s: %s\n\n"
	       "Usage: %s [--case GLOB] [--full] [--seed N]\n"
	       "       %s --describe | --help\n\n"
	       "Runs as root, prints KTAP, exits with 0 (pass), 1 (fail) or 4 (skip).\n"
	       "  --case GLOB  only cases of these names\n"
	       "  --full       also cases left out of every-day runs, as SPTEST_FULL=1 does; see --describe\n"
	       "  --seed N     the data are made from it (default: $SPTEST_SEED, else random)\n"
	       "  --describe   what this test is and needs, as JSON; touches nothing\n\n"
	       "SPTEST_SLOW=N multiplies its deadlines, for slow machines.\n\n"
	       "Example: %s --case '%s' --seed 1\n",
	       test.group, test.name, test.proves, program, program, program, test.cases[0].name);
}

static uint64_t parse_seed(const char *text, const char *from)
{
	uint64_t seed;
	char *end;

	errno = 0;
	seed = strtoull(text, &end, 0);
	if (errno || end == text || *end) {
		fprintf(stderr, "%s: \"%s\" is no number, see --help\n", from, text);
		exit(EXIT_USAGE);
	}
	return seed;
}

static bool fail_fast_wanted(void)
{
	const char *fail_fast = getenv("SPTEST_FAIL_FAST");

	return fail_fast && *fail_fast && strcmp(fail_fast, "0");
}

static uint64_t random_seed(void)
{
	uint64_t seed;

	/* short, because people type it again */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		return 1;
	return seed >> 32;
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "describe", no_argument, NULL, 'd' },
		{ "case", required_argument, NULL, 'c' },
		{ "full", no_argument, NULL, 'f' },
		{ "seed", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *seed = getenv("SPTEST_SEED");
	int c;

	*options = (struct options){ .cases = "*", .full = full_wanted(), .fail_fast = fail_fast_wanted() };
	options->seed = seed && *seed ? parse_seed(seed, "SPTEST_SEED") : random_seed();
	opterr = 0;
	while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		switch (c) {
		case 'd':
			options->describe = true;
			break;
		case 'c':
			options->cases = optarg;
			break;
		case 'f':
			options->full = true;
			break;
		case 's':
			options->seed = parse_seed(optarg, "--seed");
			break;
		case 'h':
			print_help(argv[0]);
			exit(EXIT_PASS);
		default:
			fprintf(stderr, "%s: bad option \"%s\", see --help\n", argv[0], argv[optind - 1]);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: unexpected \"%s\", see --help\n", argv[0], argv[optind]);
		exit(EXIT_USAGE);
	}
}
