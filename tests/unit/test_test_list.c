// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>
#include <sys/stat.h>

#include "host/die.h"
#include "host/path.h"
#include "host/test-list.h"

static char dir[] = "/tmp/test_test_list.XXXXXX";

static void add_file(const char *name, const char *text, mode_t mode)
{
	char *path = xasprintf("%s/%s", dir, name);

	*strrchr(path, '/') = '\0';
	path_mkdirs(path);
	path[strlen(path)] = '/';
	assert_int_equal(file_write(path, text, strlen(text), mode), 0);
	free(path);
}

static size_t count(const char *select)
{
	struct test_list list;
	size_t n;

	test_list_load(&list, dir, select);
	n = list.count;
	test_list_free(&list);
	return n;
}

static void globs_select(void **state)
{
	(void)state;
	assert_int_equal(count(NULL), 3);
	assert_int_equal(count(""), 3);
	assert_int_equal(count("zap"), 2);
	assert_int_equal(count("zap/*"), 2);
	assert_int_equal(count("munmap"), 1);
	assert_int_equal(count("ksm, zap/munmap"), 2);
	assert_int_equal(count("za"), 0);
	assert_int_equal(count("*/*"), 3);
}

static void descriptions_are_read(void **state)
{
	struct test_list list;
	const char **modules;
	size_t n;

	(void)state;
	test_list_load(&list, dir, NULL);
	assert_string_equal(list.tests[0].name, "cow/ksm");
	assert_int_equal(list.tests[0].timeout_s, 7);
	assert_true(list.tests[0].destructive);
	assert_string_equal(list.tests[0].full, "takes long");
	assert_null(list.tests[1].full);
	assert_int_equal(list.tests[0].expected_count, 1);
	assert_false(regexec(&list.tests[0].expected[0], "Out of memory", 0, NULL, 0));
	assert_int_equal(list.tests[1].timeout_s, 60);
	modules = test_list_modules(&list, &n);
	assert_int_equal(n, 2);
	free(modules);
	test_list_free(&list);
}

static void load_missing(const char *where)
{
	struct test_list list;

	test_list_load(&list, where, NULL);
}

static void a_missing_folder_is_the_users_to_mend(void **state)
{
	(void)state;
	assert_int_equal(status_of(load_missing, "/nonexistent"), STATUS_USAGE);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	add_file("cow/ksm", "#!/bin/sh\necho '{\"timeout_s\":7,\"destructive\":true,\"full\":\"takes long\","
		 "\"expected\":[\"Out of mem\"],\"modules\":[\"kvm\",\"zram\"]}'\n", 0755);
	add_file("zap/munmap", "#!/bin/sh\necho '{\"modules\":[\"kvm\"]}'\n", 0755);
	add_file("zap/exit", "#!/bin/sh\necho '{}'\n", 0755);
	add_file("zap/broken", "#!/bin/sh\necho hello\n", 0755);
	add_file("zap/failing", "#!/bin/sh\necho '{}'; exit 1\n", 0755);
	add_file("zap/data.txt", "{}\n", 0644);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return path_remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_select),
		cmocka_unit_test(descriptions_are_read),
		cmocka_unit_test(a_missing_folder_is_the_users_to_mend),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
