// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "host/die.h"
#include "host/path.h"
#include "results/run-folder.h"
#include "results/run.h"

static int make_scratch(void **state)
{
	char dir[] = "/tmp/test_run_folder.XXXXXX";

	if (!mkdtemp(dir))
		return -1;
	*state = strdup(dir);
	return 0;
}

static int remove_scratch(void **state)
{
	int err = path_remove_tree(*state);

	free(*state);
	return err;
}

static void assert_text(const char *folder, const char *name, const char *expected)
{
	char *path = xasprintf("%s/%s", folder, name), *text = file_read(path, NULL);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	free(path);
}

static void two_runs_have_two_folders(void **state)
{
	char *parent = xasprintf("%s/results/runs", (char *)*state);
	char *latest = xasprintf("%s/latest", parent);
	struct run first = { .kernel_release = strdup("6.12/x") }, second = { 0 };
	struct stat of_link, of_folder;

	assert_int_equal(run_folder_create(&first, parent), 0);
	second.kernel_release = strdup("6.12/x");
	assert_int_equal(run_folder_create(&second, parent), 0);
	assert_string_not_equal(first.folder, second.folder);
	assert_true(strstr(first.folder, "-6.12_x") != NULL);
	assert_int_equal(strlen(first.started), strlen("2026-01-01T00:00:00Z"));
	assert_int_equal(stat(latest, &of_link), 0);
	assert_int_equal(stat(second.folder, &of_folder), 0);
	assert_int_equal(of_link.st_ino, of_folder.st_ino);
	run_release(&first);
	run_release(&second);
	free(latest);
	free(parent);
}

static void a_parent_that_is_a_file_is_an_error(void **state)
{
	char *parent = xasprintf("%s/file", (char *)*state);
	struct run run = { 0 };

	assert_int_equal(file_write(parent, "", 0, 0666), 0);
	assert_true(run_folder_create(&run, parent) < 0);
	assert_null(run.folder);
	run_release(&run);
	free(parent);
}

static void verdicts_are_overwritten(void **state)
{
	struct run run = { 0 };
	struct run_test *test;
	char *folder;

	assert_int_equal(run_folder_create(&run, *state), 0);
	test = run_add_test(&run, "zap/munmap");
	assert_int_equal(run_folder_add_test(&run, test), 0);
	assert_string_equal(test->folder, "tests/zap-munmap");
	folder = xasprintf("%s/%s", run.folder, test->folder);
	assert_int_equal(run_folder_write_verdict(&run, test), 0);
	assert_text(folder, "verdict", "lost: never finished\n");
	test->verdict = VERDICT_FAIL;
	free(test->reason);
	test->reason = strdup("part: pages_4k is 5\nnot 4");
	assert_int_equal(run_folder_write_verdict(&run, test), 0);
	assert_text(folder, "verdict", "fail: part: pages_4k is 5; not 4\n");
	test->verdict = VERDICT_PASS;
	free(test->reason);
	test->reason = NULL;
	assert_int_equal(run_folder_write_verdict(&run, test), 0);
	assert_text(folder, "verdict", "pass\n");
	free(folder);
	run_release(&run);
}

static void rounds_have_folders_of_their_own(void **state)
{
	struct run run = { 0 };
	struct run_test *test;

	assert_int_equal(run_folder_create(&run, *state), 0);
	test = run_add_test(&run, "zap/munmap");
	test->round = 3;
	assert_int_equal(run_folder_add_test(&run, test), 0);
	assert_string_equal(test->folder, "tests/zap-munmap.3");
	test->mmu = strdup("direct");
	assert_int_equal(run_folder_add_test(&run, test), 0);
	assert_string_equal(test->folder, "tests/zap-munmap.direct.3");
	run_release(&run);
}

static void summary_has_both_forms(void **state)
{
	struct run run = { 0 };
	char *json, *xml;

	assert_int_equal(run_folder_create(&run, *state), 0);
	assert_int_equal(run_folder_write_summary(&run), 0);
	json = xasprintf("%s/summary.json", run.folder);
	xml = xasprintf("%s/junit.xml", run.folder);
	assert_true(path_exists(json) && path_exists(xml));
	assert_int_equal(path_remove_tree(run.folder), 0);
	assert_int_equal(run_folder_write_summary(&run), -ENOENT);
	free(json);
	free(xml);
	run_release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_runs_have_two_folders),
		cmocka_unit_test(a_parent_that_is_a_file_is_an_error),
		cmocka_unit_test(verdicts_are_overwritten),
		cmocka_unit_test(rounds_have_folders_of_their_own),
		cmocka_unit_test(summary_has_both_forms),
	};

	return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
