// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "host/die.h"
#include "report-forms.h"
#include "report.h"
#include "run-ktap.h"

static void put_test(FILE *f, const struct report *report, size_t i)
{
	const struct report_test *test = &report->tests[i];
	char *place = report_place(report, test), *name = xasprintf("%s %s", test->name, place);

	ktap_put_result(f, "", i + 1, name, test->verdict, *test->reason ? test->reason : NULL);
	free(name);
	free(place);
}

/* The last line is kselftest's (tools/testing/selftests/kselftest.h, ksft_print_cnts()). */
char *report_ktap(const struct report *report)
{
	const struct report_totals *totals = &report->totals;
	size_t failed = totals->by_verdict[VERDICT_FAIL];
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die(STATUS_HARNESS, "out of memory");
	fprintf(f, "KTAP version 1\n1..%zu\n", report->test_count);
	for (size_t i = 0; i < report->test_count; i++)
		put_test(f, report, i);
	fprintf(f, "# Totals: pass:%zu fail:%zu xfail:%zu xpass:%zu skip:%zu error:%zu\n",
		totals->by_verdict[VERDICT_PASS], failed, totals->by_verdict[VERDICT_XFAIL],
		totals->by_verdict[VERDICT_XPASS], totals->by_verdict[VERDICT_SKIP],
		totals->failures - failed);
	fclose(f);
	return text;
}
