/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_TRACE_OPTIONS_H
#define SPTEST_TRACE_OPTIONS_H

#include <stdbool.h>

/* Exit statuses of its own; COMMAND's is passed on. */
enum { STATUS_USAGE = 2, STATUS_CANNOT = 3 };

struct options {
	bool sptes;
	const char *out;	/* NULL: stderr */
	char **command;
};

/* Ends the program on a bad option, and after --help. */
void options_parse(struct options *options, int argc, char **argv);

#endif
