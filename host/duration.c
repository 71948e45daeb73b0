// SPDX-License-Identifier: GPL-2.0-only
#include "duration.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static unsigned int unit_of(const char *word)
{
	if (!*word || word[1])
		return 0;
	switch (*word) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	default:
		return 0;
	}
}

bool duration_parse(const char *text, unsigned int *seconds)
{
	unsigned long number;
	unsigned int unit;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoul(text, &end, 10);
	unit = unit_of(end);
	if (errno || !unit || !number || number > DURATION_MAX / unit)
		return false;
	*seconds = number * unit;
	return true;
}
