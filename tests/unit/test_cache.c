// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "host/cache.h"

/* Used so many seconds ago. */
static void add(const char *name, int seconds)
{
	const struct timespec used[2] = { { .tv_sec = time(NULL) - seconds }, { .tv_sec = time(NULL) - seconds } };
	char *dir = path_cache("things"), *path = xasprintf("%s/%s", dir, name);

	assert_int_equal(file_write(path, "", 0, 0644), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, used, 0), 0);
	free(path);
	free(dir);
}

static bool is_there(const char *name)
{
	char *dir = path_cache("things"), *path = xasprintf("%s/%s", dir, name);
	bool there = path_exists(path);

	free(path);
	free(dir);
	return there;
}

static void the_newest_stay_and_so_do_those_in_use(void **state)
{
	(void)state;
	add("oldest", 9000);
	add("old", 8000);
	add("before", 300);
	add("now", 2);
	cache_prune("things", 3);
	assert_false(is_there("oldest"));
	assert_true(is_there("old"));
	cache_prune("things", 1);
	assert_false(is_there("old"));
	assert_true(is_there("before"));
	assert_true(is_there("now"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_stay_and_so_do_those_in_use),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
