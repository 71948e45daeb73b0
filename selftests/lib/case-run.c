// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>
#include <stdio.h>

#include "lib/backing.h"
#include "lib/case-run.h"
#include "lib/test.h"

/* The next backing of the case after the current one; NULL: that was the last. */
static const struct backing *next_backing(const struct case_run *run)
{
	unsigned int left = run->test_case->backings | run->test_case->full_backings;

	if (run->backing)
		left &= ~(run->backing->bit | (run->backing->bit - 1));
	return left ? backing_of(left & -left) : NULL;
}

bool case_run_next(struct case_run *run)
{
	const struct test_case *c = run->test_case;

	run->backing = c ? next_backing(run) : NULL;
	if (!run->backing) {
		if (c)
			run->index++;
		if (run->index == TEST_CASES_MAX || !test.cases[run->index].name)
			return false;
		c = run->test_case = &test.cases[run->index];
		run->backing = next_backing(run);
	}
	snprintf(run->name, sizeof(run->name), "%s%s%s", c->name, run->backing ? "." : "",
		 run->backing ? run->backing->name : "");
	return true;
}

bool case_run_matches(const struct case_run *run, const char *glob)
{
	return !fnmatch(glob, run->name, 0) || !fnmatch(glob, run->test_case->name, 0);
}
