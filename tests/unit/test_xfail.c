// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/die.h"
#include "host/version.h"
#include "host/xfail.h"
#include "scratch.h"

#define CONF "config/sptest/xfail/"
#define WHOLE "test = zap/*\nkernels = 6.1..6.12.5\ncommit = abc\nreason = a page stays\n"

static void load(const char *unused)
{
	struct xfail_list list;

	(void)unused;
	xfail_load(&list);
	xfail_free(&list);
}

/* Status of loading one file with that text. */
static int status_of_file(void **state, const char *text)
{
	char *path = xasprintf("%s/" CONF "bad.conf", (char *)*state);
	int status;

	scratch_text(state, CONF "bad.conf", text);
	status = status_of(load, NULL);
	unlink(path);
	free(path);
	return status;
}

static void a_file_says_all_of_it(void **state)
{
	struct xfail_list list;

	scratch_text(state, CONF "bug.conf", "# a bug\n" WHOLE "case = part*\nmmu = direct,shadow\n");
	scratch_text(state, CONF "README.md", "not an entry\n");
	xfail_load(&list);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].name, "bug");
	assert_string_equal(list.items[0].test, "zap/*");
	assert_string_equal(list.items[0].cases, "part*");
	assert_string_equal(list.items[0].mmu, "direct,shadow");
	assert_string_equal(list.items[0].commit, "abc");
	assert_int_equal(list.items[0].verdict, VERDICT_FAIL);
	xfail_free(&list);
}

static void what_makes_no_sense_is_refused(void **state)
{
	assert_int_equal(status_of_file(state, WHOLE "case = x\n"), 0);
	assert_int_equal(status_of_file(state, WHOLE "verdict = panic\nat = f\n"), 0);
	assert_int_equal(status_of_file(state, WHOLE "verdict = hang\n"), 0);
	assert_int_equal(status_of_file(state, WHOLE "verdict = panic\n"), STATUS_USAGE);
	assert_int_equal(status_of_file(state, WHOLE "case = x\nat = f\n"), STATUS_USAGE);
	assert_int_equal(status_of_file(state, WHOLE), STATUS_USAGE);
	assert_int_equal(status_of_file(state, WHOLE "case = x\nverdict = panic\n"), STATUS_USAGE);
	assert_int_equal(status_of_file(state, WHOLE "verdict = lost\n"), STATUS_USAGE);
	assert_int_equal(status_of_file(state, WHOLE "verdict = pass\n"), STATUS_USAGE);
	assert_int_equal(status_of_file(state, WHOLE "case = x\nmmu = ept\n"), STATUS_USAGE);
	assert_int_equal(status_of_file(state, WHOLE "case = x\nwhy = y\n"), STATUS_USAGE);
	assert_int_equal(status_of_file(state, "test = a\ncase = x\nkernels = new\ncommit = a\n"
					       "reason = b\n"), STATUS_USAGE);
	assert_int_equal(status_of_file(state, "test = a\ncase = x\nkernels = 6.1\nreason = b\n"),
			 STATUS_USAGE);
	assert_int_equal(status_of_file(state, "test = a\ncase = x\nkernels = 6.1\ncommit = a\n"),
			 STATUS_USAGE);
}

static struct xfail bug = {
	.name = "bug", .test = "zap/*", .cases = "part*", .kernels = "6.1..6.12", .mmu = "tdp,direct",
	.commit = "abc", .reason = "a page stays", .verdict = VERDICT_FAIL,
};
static struct xfail crash = {
	.name = "crash", .test = "oom/kill", .kernels = "6.12..", .mmu = "all", .commit = "def",
	.reason = "it crashes", .at = "handle_crash", .verdict = VERDICT_PANIC,
};

/* A test of two cases, part and whole, judged with both bugs known. */
static struct run_test *judged(struct run *run, const char *name, enum verdict part,
			       enum verdict whole, const char *version, const char *mmu, bool sound)
{
	struct xfail items[] = { bug, crash };
	const struct xfail_list list = { items, 2 };
	struct run_test *test;

	run_release(run);
	test = run_add_test(run, name);
	test->verdict = part == VERDICT_FAIL || whole == VERDICT_FAIL ? VERDICT_FAIL : part;
	run_test_add_case(test, "part", part, part == VERDICT_FAIL ? "page 3\npage 4" : NULL);
	run_test_add_case(test, "whole", whole, whole == VERDICT_FAIL ? "page 5" : NULL);
	xfail_judge(test, &(struct xfail_place){ &list, version, mmu }, sound);
	return test;
}

static void a_known_failure_is_no_news(void **state)
{
	struct run run = { 0 };
	struct run_test *test;

	(void)state;
	test = judged(&run, "zap/munmap", VERDICT_FAIL, VERDICT_PASS, "6.12.117", "tdp", true);
	assert_int_equal(test->verdict, VERDICT_XFAIL);
	assert_int_equal(test->cases[0].verdict, VERDICT_XFAIL);
	assert_int_equal(test->cases[1].verdict, VERDICT_PASS);
	assert_string_equal(test->cases[0].reason, "known bug: a page stays (abc)\npage 3\npage 4");
	assert_string_equal(test->reason, "part: known bug: a page stays (abc)");
	assert_int_equal(run_totals(&run, NULL).failures, 0);
	run_release(&run);
}

static void another_failure_still_is_one(void **state)
{
	struct run run = { 0 };
	struct run_test *test;

	(void)state;
	test = judged(&run, "zap/munmap", VERDICT_FAIL, VERDICT_FAIL, "6.12.117", "tdp", true);
	assert_int_equal(test->verdict, VERDICT_FAIL);
	assert_int_equal(test->cases[0].verdict, VERDICT_XFAIL);
	assert_string_equal(test->reason, "whole: page 5");
	run_release(&run);
}

static void a_pass_in_its_place_is_told(void **state)
{
	struct run run = { 0 };
	struct run_test *test;

	(void)state;
	test = judged(&run, "zap/munmap", VERDICT_PASS, VERDICT_PASS, "6.12.117", "direct", true);
	assert_int_equal(test->verdict, VERDICT_XPASS);
	assert_int_equal(test->cases[0].verdict, VERDICT_XPASS);
	assert_non_null(strstr(test->reason, "part: gone: known bug no longer seen, remove bug.conf, or this kernel from it: a page stays (abc)"));
	assert_int_equal(run_totals(&run, NULL).failures, 0);
	test = judged(&run, "zap/munmap", VERDICT_SKIP, VERDICT_SKIP, "6.12.117", "direct", true);
	assert_int_equal(test->verdict, VERDICT_SKIP);
	run_release(&run);
}

static void elsewhere_nothing_is_excused(void **state)
{
	static const struct {
		const char *name, *version, *mmu;
		bool sound;
	} places[] = {
		{ "zap/munmap", "6.13.1", "tdp", true }, { "zap/munmap", "5.10.262", "tdp", true },
		{ "zap/munmap", "6.12.117", "shadow", true }, { "zap/munmap", "6.12.117", "running", true },
		{ "cow/fork", "6.12.117", "tdp", true }, { "zap/munmap", NULL, "tdp", true },
		{ "zap/munmap", "6.12.117", "tdp", false },
	};
	struct run run = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct run_test *test = judged(&run, places[i].name, VERDICT_FAIL, VERDICT_PASS,
					       places[i].version, places[i].mmu, places[i].sound);

		assert_int_equal(test->verdict, VERDICT_FAIL);
		assert_int_equal(test->cases[0].verdict, VERDICT_FAIL);
	}
	run_release(&run);
}

static void what_befalls_the_whole_test(void **state)
{
	struct xfail items[] = { crash };
	const struct xfail_place place = { &(const struct xfail_list){ items, 1 }, "7.3", "running" };
	struct run run = { 0 };
	struct run_test *test = run_add_test(&run, "oom/kill");

	(void)state;
	test->verdict = VERDICT_PANIC;
	test->fingerprint = xstrdup("no_handle_crash < two");
	xfail_judge(test, &place, false);
	assert_int_equal(test->verdict, VERDICT_PANIC);
	free(test->fingerprint);
	test->fingerprint = xstrdup("one < handle_crash");
	xfail_judge(test, &place, false);
	assert_int_equal(test->verdict, VERDICT_XFAIL);
	assert_string_equal(test->reason, "known bug: it crashes (def)\nnever finished");
	test->verdict = VERDICT_HANG;
	xfail_judge(test, &place, false);
	assert_int_equal(test->verdict, VERDICT_HANG);
	test->verdict = VERDICT_PASS;
	xfail_judge(test, &place, true);
	assert_int_equal(test->verdict, VERDICT_XPASS);
	run_release(&run);
}

/* A splat takes the failures of cases along, if there was one. */
static void what_comes_with_a_splat(void **state)
{
	struct xfail warns = crash;
	const struct xfail_place place = { &(const struct xfail_list){ &warns, 1 }, "7.3", "tdp" };
	struct run run = { 0 };
	struct run_test *test = run_add_test(&run, "oom/kill");

	(void)state;
	warns.verdict = VERDICT_SPLAT;
	test->verdict = VERDICT_FAIL;
	xfail_judge(test, &place, true);
	assert_int_equal(test->verdict, VERDICT_FAIL);
	free(test->fingerprint);
	test->fingerprint = xstrdup("handle_crash < two");
	xfail_judge(test, &place, false);
	assert_int_equal(test->verdict, VERDICT_XFAIL);
	run_release(&run);
}

static void versions_lie_in_ranges(void **state)
{
	(void)state;
	assert_true(version_in_ranges("6.1.192", "6.1"));
	assert_false(version_in_ranges("6.12.117", "6.1"));
	assert_true(version_in_ranges("6.12.117", "5.10..6.12"));
	assert_false(version_in_ranges("6.12.117", "5.10..6.12.116"));
	assert_true(version_in_ranges("6.12.117", "5.10, 6.12.117"));
	assert_true(version_in_ranges("7.3-rc7", "7.3.."));
	assert_false(version_in_ranges("7.2.12", "7.3.."));
	assert_true(version_in_ranges("5.10.262", "..5.10"));
	assert_false(version_in_ranges("5.11", "..5.10"));
	assert_true(version_are_ranges("6.1, 6.2..6.3.4, 6.9.., ..5.4"));
	assert_false(version_are_ranges(""));
	assert_false(version_are_ranges("6.1,"));
	assert_false(version_are_ranges(".."));
	assert_false(version_are_ranges("v6.1"));
}

static void assert_version(const char *release, const char *banner, const char *expected)
{
	char *version = version_of_banner(release, banner);

	assert_string_equal(version, expected);
	free(version);
}

static void a_banner_tells_the_version(void **state)
{
	(void)state;
	assert_version("6.1.0-56-cloud-amd64", "6.1.0-56-cloud-amd64 (x@y) #1 SMP Debian 6.1.192-2 (2026)",
		       "6.1.192");
	assert_version("7.3-cloud-amd64", "#1 SMP Debian 7.3~rc7-1~exp1 (2026)", "7.3-rc7");
	assert_version("6.19.0-rc2+", "6.19.0-rc2+ (me@here) #3 SMP", "6.19.0-rc2+");
	assert_version("6.19.0", NULL, "6.19.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_says_all_of_it),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(a_known_failure_is_no_news),
		cmocka_unit_test(another_failure_still_is_one),
		cmocka_unit_test(a_pass_in_its_place_is_told),
		cmocka_unit_test(elsewhere_nothing_is_excused),
		cmocka_unit_test(what_befalls_the_whole_test),
		cmocka_unit_test(what_comes_with_a_splat),
		cmocka_unit_test(versions_lie_in_ranges),
		cmocka_unit_test(a_banner_tells_the_version),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
