/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of a sub-command as a table of where their values go. */
#ifndef SPTEST_OPTION_ROWS_H
#define SPTEST_OPTION_ROWS_H

#include <stdbool.h>

/* --name; exactly one of the pointers is set. The last row has no name. */
struct option_row {
	const char *name;
	const char **text;	/* the value, of argv */
	bool *flag;		/* takes no value */
	unsigned long *number;	/* a whole number from min to max */
	unsigned long min, max;
};

/*
 * Fills in what argv says. False: --help was asked for, and the usage has been printed. A bad option, a bad
 * value and a word that is no option end the program (STATUS_USAGE), the last naming `command`.
 */
bool option_rows_take(int argc, char **argv, const char *command, const char *usage,
		      const struct option_row *rows);

#endif
