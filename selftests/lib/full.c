// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check.h"
#include "lib/full.h"
#include "lib/test.h"

bool full_wanted(void)
{
	const char *full = getenv("SPTEST_FULL");

	return full && *full && strcmp(full, "0");
}

const char *full_reason(const struct test_case *c)
{
	return test.full ? test.full : c->full;
}

void full_report(const char *cases)
{
	char *text = NULL;
	size_t i, size;
	FILE *f = open_memstream(&text, &size);

	require(f, "out of memory");
	for (i = 0; i < TEST_CASES_MAX && test.cases[i].name; i++) {
		const struct test_case *c = &test.cases[i];

		if (full_reason(c) && !fnmatch(cases, c->name, 0))
			fprintf(f, "%s%s (%s)", ftell(f) ? ", " : "", c->name, full_reason(c));
	}
	fclose(f);
	if (*text)
		diag("left to --full: %s", text);
	free(text);
}
