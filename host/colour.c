// SPDX-License-Identifier: GPL-2.0-only
#include "colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool colour_terminal(FILE *out)
{
	const char *term = getenv("TERM");

	return isatty(fileno(out)) && term && strcmp(term, "dumb");
}

bool colour_wanted(FILE *out)
{
	const char *no_colour = getenv("NO_COLOR");

	return colour_terminal(out) && !(no_colour && *no_colour);
}
