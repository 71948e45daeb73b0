// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "lib/check.h"
#include "lib/keeper.h"
#include "lib/knob.h"
#include "lib/sysfile.h"

int knob_try(const char *path, const char *value)
{
	char text[256], *word = text, *end;
	int n;

	n = sysfile_read(path, text, sizeof(text));
	if (n < 0)
		return n;
	/* "always [madvise] never": the choice in force */
	if (strchr(text, '[')) {
		word = strchr(text, '[') + 1;
		end = strchr(word, ']');
		if (end)
			*end = '\0';
	}
	if (!strcmp(word, value))
		return 0;
	keeper_add(UNDO_WRITE, path, word);
	return sysfile_write(path, value);
}

void knob_set(const char *path, const char *value)
{
	int err = knob_try(path, value);

	require(!err, "could not write %s to %s: %s", value, path, strerror(-err));
}
