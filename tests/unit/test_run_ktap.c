// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/die.h"
#include "results/ktap.h"
#include "results/run-ktap.h"
#include "results/run.h"

static struct run run;

static void add(const char *name, enum verdict verdict, const char *reason)
{
	struct run_test *test = run_add_test(&run, name);

	free(test->reason);
	test->verdict = verdict;
	test->reason = reason ? xstrdup(reason) : NULL;
}

/* What it writes, the project's own parser reads back. */
static void it_reads_back(void **state)
{
	struct ktap *ktap = ktap_new();
	char *text, *rest, *line;

	(void)state;
	add("zap/munmap", VERDICT_PASS, NULL);
	run_test_add_case(&run.tests[0], "whole", VERDICT_PASS, NULL);
	run_test_add_case(&run.tests[0], "part", VERDICT_SKIP, "no part");
	add("cow/ksm", VERDICT_PANIC, "Kernel panic - not syncing\nreally");
	add("cow/ksm", VERDICT_PASS, NULL);
	run.tests[2].mmu = xstrdup("shadow");
	add("ksm/merge", VERDICT_XFAIL, "known bug: x\nmore");
	add("ksm/chain", VERDICT_XPASS, "gone");
	add("age/#young", VERDICT_SKIP, "no MGLRU");
	text = rest = run_ktap(&run);
	while ((line = strsep(&rest, "\n")) && rest)
		ktap_feed(ktap, line);
	assert_null(ktap_problem(ktap));
	assert_int_equal(ktap_count(ktap), 8);
	assert_string_equal(ktap_case(ktap, 0)->name, "zap/munmap.whole");
	assert_int_equal(ktap_case(ktap, 1)->status, KTAP_SKIP);
	assert_string_equal(ktap_case(ktap, 1)->reason, "no part");
	assert_string_equal(ktap_case(ktap, 2)->name, "zap/munmap");
	assert_string_equal(ktap_case(ktap, 3)->name, "cow/ksm");
	assert_int_equal(ktap_case(ktap, 3)->status, KTAP_FAIL);
	assert_string_equal(ktap_case(ktap, 3)->reason, "Kernel panic - not syncing really\nERROR panic");
	assert_string_equal(ktap_case(ktap, 4)->name, "cow/ksm shadow");
	assert_int_equal(ktap_case(ktap, 5)->status, KTAP_XFAIL);
	assert_string_equal(ktap_case(ktap, 5)->reason, "known bug: x more");
	assert_int_equal(ktap_case(ktap, 6)->status, KTAP_PASS);
	assert_string_equal(ktap_case(ktap, 7)->name, "age/_young");
	ktap_free(ktap);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
