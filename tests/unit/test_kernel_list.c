// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include "host/kernel-list.h"

#define OWN "config/sptest/kernels/"	/* the user's folder, by scratch_make() */

static void load(const char *unused)
{
	struct kernel_list list;

	(void)unused;
	kernel_list_load(&list);
	kernel_list_free(&list);
}

static int empty(void **state)
{
	char *dir = xasprintf("%s/" OWN, (char *)*state);
	int err = path_remove_tree(dir);

	free(dir);
	return err;
}

static void suites_and_kernels_on_disk(void **state)
{
	struct kernel_list list;

	scratch_text(state, OWN "sid.conf", "# comment\n\nsuite = sid\npackages = a-* b-*\n");
	scratch_text(state, OWN "mine.conf", "image=/boot/mine\n  modules = /x y  \n");
	scratch_text(state, OWN "notes.txt", "not of the list");
	kernel_list_load(&list);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.sources[0].name, "mine");
	assert_string_equal(list.sources[0].image, "/boot/mine");
	assert_string_equal(list.sources[0].modules, "/x y");
	assert_null(list.sources[0].suite);
	assert_string_equal(list.sources[1].name, "sid");
	assert_string_equal(list.sources[1].packages, "a-* b-*");
	assert_string_equal(list.sources[1].components, "main");
	assert_null(list.sources[1].uri);
	kernel_list_free(&list);
}

static void what_the_indexes_come_from_is_hashed(void **state)
{
	struct kernel_list one, other;

	scratch_text(state, OWN "sid.conf", "suite = sid\n");
	kernel_list_load(&one);
	scratch_text(state, OWN "mine.conf", "image = /boot/mine\n");
	kernel_list_load(&other);
	assert_true(one.hash == other.hash);	/* on disk: no index is needed for it */
	kernel_list_free(&other);
	scratch_text(state, OWN "more.conf", "suite = trixie\n");
	kernel_list_load(&other);
	assert_true(one.hash != other.hash);
	kernel_list_free(&other);
	kernel_list_free(&one);
}

static void bad_files_are_bad_input(void **state)
{
	static const char *const bad[] = {
		"", "suite = sid\nimage = /x\n", "suite sid\n", "suite = sid\ncolour = red\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		scratch_text(state, OWN "bad.conf", bad[i]);
		assert_int_equal(status_of(load, NULL), STATUS_USAGE);
	}
	scratch_text(state, OWN "bad.conf", "suite = sid\n");
	assert_int_equal(status_of(load, NULL), 0);
}

static void none_is_an_empty_list(void **state)
{
	struct kernel_list list;

	(void)state;
	kernel_list_load(&list);
	assert_int_equal(list.count, 0);
	kernel_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(none_is_an_empty_list, empty),
		cmocka_unit_test_setup(suites_and_kernels_on_disk, empty),
		cmocka_unit_test_setup(what_the_indexes_come_from_is_hashed, empty),
		cmocka_unit_test_setup(bad_files_are_bad_input, empty),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
