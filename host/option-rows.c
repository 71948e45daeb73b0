// SPDX-License-Identifier: GPL-2.0-only
#include "option-rows.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "die.h"
#include "machine-options.h"

#define HELP 'h'
#define FIRST 1000	/* what getopt_long() gives for rows[0]: no letter */

static struct option *long_options(const struct option_row *rows)
{
	struct option *all;
	size_t count = 0;

	while (rows[count].name)
		count++;
	all = xzalloc((count + 2) * sizeof(*all));
	for (size_t i = 0; i < count; i++)
		all[i] = (struct option){
			rows[i].name, rows[i].flag ? no_argument : required_argument, NULL,
			FIRST + (int)i,
		};
	all[count] = (struct option){ "help", no_argument, NULL, HELP };
	return all;
}

static void take(const struct option_row *row, const char *value)
{
	if (row->flag)
		*row->flag = true;
	else if (row->number)
		*row->number = option_number(row->name, value, row->min, row->max);
	else
		*row->text = value;
}

bool option_rows_take(int argc, char **argv, const char *command, const char *usage,
		      const struct option_row *rows)
{
	struct option *options = long_options(rows);
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) >= FIRST)
		take(&rows[opt - FIRST], optarg);
	free(options);
	if (opt == HELP)
		fputs(usage, stdout);
	else if (opt != -1)
		exit(STATUS_USAGE);
	else if (optind < argc)
		die(STATUS_USAGE, "%s %s: see sptest %s --help", command, argv[optind], command);
	return opt != HELP;
}
