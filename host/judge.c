// SPDX-License-Identifier: GPL-2.0-only
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "die.h"
#include "klog.h"
#include "splat.h"

/* tools/testing/selftests/kselftest.h */
#define KSFT_PASS 0
#define KSFT_FAIL 1
#define KSFT_SKIP 4

static void set(struct run_test *test, enum verdict verdict, char *reason)
{
	test->verdict = verdict;
	free(test->reason);
	test->reason = reason;
}

static void take_cases(struct run_test *test, const struct ktap *ktap)
{
	static const enum verdict verdicts[] = {
		[KTAP_PASS] = VERDICT_PASS,
		[KTAP_FAIL] = VERDICT_FAIL,
		[KTAP_SKIP] = VERDICT_SKIP,
		[KTAP_XFAIL] = VERDICT_PASS,
	};
	const char *witnesses = ktap_remark(ktap, "witnesses");

	for (size_t i = 0; i < ktap_count(ktap); i++) {
		const struct ktap_case *c = ktap_case(ktap, i);

		run_test_add_case(test, c->name, verdicts[c->status], c->reason);
	}
	if (witnesses)
		test->witnesses = xstrdup(witnesses);
	coverage_add(&test->coverage, ktap_coverage(ktap), NULL);
	measured_add(&test->measured, ktap_measured(ktap));
}

static const struct run_case *first_case(const struct run_test *test, enum verdict verdict)
{
	for (size_t i = 0; i < test->case_count; i++)
		if (test->cases[i].verdict == verdict)
			return &test->cases[i];
	return NULL;
}

/* Its reason's first line: the case has them all. */
static char *case_reason(const struct run_case *c)
{
	if (!c->reason)
		return xstrdup(c->name);
	return xasprintf("%s: %.*s", c->name, (int)strcspn(c->reason, "\n"), c->reason);
}

static void judge_zero(struct run_test *test, const struct evidence *evidence)
{
	const struct run_case *failed = first_case(test, VERDICT_FAIL);
	const struct run_case *passed = first_case(test, VERDICT_PASS);
	const struct run_case *skipped = first_case(test, VERDICT_SKIP);
	const char *problem = ktap_problem(evidence->ktap);

	if (problem)
		set(test, VERDICT_FAIL, xasprintf("exit status 0, but its KTAP is broken: %s", problem));
	else if (failed)
		set(test, VERDICT_FAIL, xasprintf("exit status 0, but %s failed", failed->name));
	else if (passed)
		set(test, VERDICT_PASS, NULL);
	else if (skipped)
		set(test, VERDICT_SKIP, case_reason(skipped));
	else
		set(test, VERDICT_FAIL, xstrdup("exit status 0, but it tested nothing"));
}

static void judge_exit(struct run_test *test, const struct evidence *evidence)
{
	const struct run_case *failed = first_case(test, VERDICT_FAIL);
	const struct run_case *skipped = first_case(test, VERDICT_SKIP);
	const struct run_case *passed = first_case(test, VERDICT_PASS);
	const char *why = ktap_skip_reason(evidence->ktap);
	const char *problem;
	int status;

	if (WIFSIGNALED(evidence->status)) {
		set(test, VERDICT_FAIL, xasprintf("killed by signal %d (%s)",
						  WTERMSIG(evidence->status),
						  strsignal(WTERMSIG(evidence->status))));
		return;
	}
	status = WEXITSTATUS(evidence->status);
	problem = ktap_problem(evidence->ktap);
	if (status == 0)
		judge_zero(test, evidence);
	else if (status == KSFT_SKIP && !failed && !(passed && problem))
		set(test, VERDICT_SKIP, why ? xstrdup(why) : skipped ? case_reason(skipped) :
					  xstrdup("it gave no reason"));
	else if (failed)
		set(test, VERDICT_FAIL, case_reason(failed));
	else
		set(test, VERDICT_FAIL, xasprintf("exit status %d%s%s", status,
						  problem ? ", " : "", problem ? problem : ""));
}

static bool is_expected(struct run_test *run_test, const struct test *test, const char *line)
{
	for (size_t i = 0; i < test->expected_count; i++) {
		if (regexec(&test->expected[i], line, 0, NULL, 0))
			continue;
		run_test->expected = xrealloc(run_test->expected, (run_test->expected_count + 1) *
								  sizeof(char *));
		run_test->expected[run_test->expected_count++] = xstrdup(line);
		return true;
	}
	return false;
}

/* The log without what the test declared; the first splat's line and reason, or NULL. */
static char *find_splat(struct run_test *test, const struct evidence *evidence, char **clean)
{
	char *copy = xstrdup(evidence->log), *rest = copy, *line, *found = NULL;
	size_t size;
	FILE *f = open_memstream(clean, &size);

	if (!f)
		die(STATUS_HARNESS, "out of memory");
	while ((line = strsep(&rest, "\n"))) {
		const char *reason = splat_match(line);

		if (reason && is_expected(test, evidence->test, line))
			continue;
		fprintf(f, "%s\n", line);
		if (reason && !found)
			found = xasprintf("%s: %s", reason, klog_message(line));
	}
	fclose(f);
	free(copy);
	return found;
}

/* Contract 4: a test passes only if the kernel stayed clean. False: it did not. */
static bool judge_kernel(struct run_test *test, const struct evidence *evidence)
{
	uint64_t taint = evidence->taint_after & ~evidence->taint_before;
	char *clean, *splat = find_splat(test, evidence, &clean);

	if (splat)
		test->fingerprint = splat_fingerprint(clean);
	if (!splat && taint && !test->expected_count)
		splat = xasprintf("the kernel became tainted: 0x%" PRIx64, taint);
	free(clean);
	if (!splat)
		return true;
	if (test->verdict == VERDICT_PANIC && strstr(splat, test->reason)) {
		free(splat);	/* it is the panic */
	} else if (verdict_is_failure(test->verdict)) {
		set(test, test->verdict, xasprintf("%s; kernel log: %s", test->reason, splat));
		free(splat);
	} else {
		set(test, VERDICT_SPLAT, splat);
	}
	return false;
}

/* kselftest's statuses: what its cases come to, in text that is whole. */
static bool says_what_its_cases_say(const struct run_test *test, const struct evidence *evidence)
{
	if (evidence->ending != ENDING_EXIT || evidence->panic || !WIFEXITED(evidence->status) ||
	    ktap_problem(evidence->ktap))
		return false;
	return WEXITSTATUS(evidence->status) == (first_case(test, VERDICT_FAIL) ? KSFT_FAIL : KSFT_PASS);
}

bool judge(struct run_test *test, const struct evidence *evidence)
{
	take_cases(test, evidence->ktap);
	if (evidence->ending == ENDING_HANG)
		set(test, VERDICT_HANG, xstrdup(evidence->detail));
	else if (evidence->panic)
		set(test, VERDICT_PANIC, xstrdup(klog_message(evidence->panic)));
	else if (evidence->ending == ENDING_TIMEOUT)
		set(test, VERDICT_TIMEOUT, xstrdup(evidence->detail));
	else if (evidence->ending == ENDING_GONE)
		set(test, VERDICT_LOST, xstrdup(evidence->detail));
	else
		judge_exit(test, evidence);
	return judge_kernel(test, evidence) && says_what_its_cases_say(test, evidence);
}
