/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_LIB_OPTIONS_H
#define SPTEST_LIB_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	bool describe;
	const char *cases;	/* a glob */
	bool full;		/* also the cases that are left to full runs */
	bool fail_fast;		/* no further case after one that failed */
	uint64_t seed;
};

/* Ends the program for --help (0) and for what it does not know (EXIT_USAGE, one line). */
void options_parse(struct options *options, int argc, char **argv);

#endif
