// SPDX-License-Identifier: GPL-2.0-only
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "host/die.h"

struct run_totals run_totals(const struct run *run, const char *mmu)
{
	struct run_totals totals = { 0 };

	for (size_t i = 0; i < run->test_count; i++) {
		enum verdict verdict = run->tests[i].verdict;

		if (mmu && (!run->tests[i].mmu || strcmp(run->tests[i].mmu, mmu)))
			continue;
		totals.tests++;
		totals.by_verdict[verdict]++;
		totals.failures += verdict_is_failure(verdict);
	}
	return totals;
}

void run_coverage(const struct run *run, struct coverage *coverage)
{
	*coverage = (struct coverage){ 0 };
	for (size_t i = 0; i < run->test_count; i++)
		coverage_add(coverage, &run->tests[i].coverage, run->tests[i].name);
}

struct run_test *run_add_test(struct run *run, const char *name)
{
	struct run_test *test;

	run->tests = xrealloc(run->tests, (run->test_count + 1) * sizeof(*run->tests));
	test = &run->tests[run->test_count++];
	*test = (struct run_test){
		.name = xstrdup(name),
		.verdict = VERDICT_LOST,
		.reason = xstrdup("never finished"),
	};
	return test;
}

struct run_case *run_test_add_case(struct run_test *test, const char *name, enum verdict verdict,
				   const char *reason)
{
	struct run_case *c;

	test->cases = xrealloc(test->cases, (test->case_count + 1) * sizeof(*test->cases));
	c = &test->cases[test->case_count++];
	*c = (struct run_case){
		.name = xstrdup(name),
		.verdict = verdict,
		.reason = reason ? xstrdup(reason) : NULL,
	};
	return c;
}

char *run_test_label(const struct run_test *test)
{
	char *label = xasprintf("%s%s%s", test->name, test->mmu ? " " : "",
				test->mmu ? test->mmu : ""), *longer;

	if (test->round <= 1)
		return label;
	longer = xasprintf("%s round %u", label, test->round);
	free(label);
	return longer;
}

char *run_test_class(const struct run_test *test)
{
	if (!test->again)
		return NULL;
	if (test->failed_again == test->again)
		return xstrdup("deterministic");
	return xasprintf("flaky %u/%u", test->failed_again, test->again);
}

void run_add_left(struct run *run, const char *test, const char *name, const char *reason)
{
	run->left = xrealloc(run->left, (run->left_count + 1) * sizeof(*run->left));
	run->left[run->left_count++] = (struct run_left){
		.test = xstrdup(test),
		.name = name ? xstrdup(name) : NULL,
		.reason = xstrdup(reason ? reason : "no reason given"),
	};
}

static void run_test_release(struct run_test *test)
{
	for (size_t i = 0; i < test->case_count; i++) {
		free(test->cases[i].name);
		free(test->cases[i].reason);
	}
	for (size_t i = 0; i < test->expected_count; i++)
		free(test->expected[i]);
	coverage_release(&test->coverage);
	measured_release(&test->measured);
	free(test->cases);
	free(test->expected);
	free(test->name);
	free(test->reason);
	free(test->mmu);
	free(test->witnesses);
	free(test->fingerprint);
	free(test->folder);
}

void run_release(struct run *run)
{
	for (size_t i = 0; i < run->test_count; i++)
		run_test_release(&run->tests[i]);
	free(run->tests);
	for (size_t i = 0; i < run->left_count; i++) {
		free(run->left[i].test);
		free(run->left[i].name);
		free(run->left[i].reason);
	}
	free(run->left);
	free(run->folder);
	free(run->started);
	free(run->kernel_release);
	free(run->kernel_version);
	free(run->kernel_source);
	free(run->kernel_config_hash);
	free(run->accel);
	free(run->accel_why);
	free(run->mmu);
	free(run->machine);
	free(run->append);
	*run = (struct run){ 0 };
}
