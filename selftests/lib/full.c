// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backing.h"
#include "lib/case-run.h"
#include "lib/check.h"
#include "lib/full.h"
#include "lib/test.h"

bool full_wanted(void)
{
	const char *full = getenv("SPTEST_FULL");

	return full && *full && strcmp(full, "0");
}

const char *full_reason(const struct case_run *run)
{
	const struct test_case *c = run->test_case;

	if (test.full || c->full)
		return test.full ? test.full : c->full;
	if (run->backing && (run->backing->bit & c->full_backings))
		return "further backing";
	return NULL;
}

void full_report(const char *cases)
{
	struct case_run run = { 0 };
	const char *last = NULL;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		fail("out of memory");
	while (case_run_next(&run)) {
		const char *reason = full_reason(&run);

		if (!reason || !case_run_matches(&run, cases))
			continue;
		if (last && strcmp(last, reason))
			fprintf(f, " (%s)", last);
		if (last)
			fputs(", ", f);
		fputs(run.name, f);
		last = reason;
	}
	if (last)
		fprintf(f, " (%s)", last);
	fclose(f);
	if (*text)
		diag("left to --full: %s", text);
	free(text);
}
