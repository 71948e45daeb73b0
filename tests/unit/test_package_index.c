// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <errno.h>

#include "host/package-index.h"
#include "host/packages.h"

static const char index_text[] =
	"Package: bash\nVersion: 5.2-1\nSize: 100\n\n"
	"Package: linux-image-6.1.0-1-cloud-amd64\nSource: linux\nVersion: 6.1.5-1\n"
	"Depends: kmod, linux-base (>= 4.3~)\nDescription: Linux\n with a second line\n"
	"Size: 26484304\n\n"
	"Package: linux-image-6.1.0-1-cloud-amd64-dbg\nVersion: 6.1.5-1\nSize: 7\n\n"
	"Package: linux-modules-7.3-cloud-amd64\nVersion: 7.3~rc7-1\nSize: 12";

/* The table of this index, cut for list 5. */
static char *cut(void **state, int expected)
{
	char *index = xasprintf("%s/Packages", (char *)*state);
	char *path = xasprintf("%s/kernels.tsv", (char *)*state);
	FILE *table = fopen(path, "w");

	assert_non_null(table);
	package_index_begin(table, 5, " bookworm ");
	assert_int_equal(package_index_cut(table, "bookworm", index), expected);
	fclose(table);
	free(index);
	return path;
}

static void kernels_only(void **state)
{
	struct packages packages;
	char *path;

	scratch_text(state, "Packages", index_text);
	path = cut(state, 0);
	assert_true(package_index_load(&packages, path, 5));
	assert_string_equal(packages.own_suites, " bookworm ");
	assert_int_equal(packages.count, 2);
	assert_string_equal(packages.all[0].name, "linux-image-6.1.0-1-cloud-amd64");
	assert_string_equal(packages.all[0].version, "6.1.5-1");
	assert_string_equal(packages.all[0].suite, "bookworm");
	assert_int_equal(packages.all[0].size, 26484304);
	assert_string_equal(packages.all[0].depends, "kmod, linux-base (>= 4.3~)");
	assert_string_equal(packages.all[1].depends, "");
	assert_ptr_equal(packages_get(&packages, "linux-modules-7.3-cloud-amd64", "7.3~rc7-1"),
			 &packages.all[1]);
	assert_null(packages_get(&packages, "linux-modules-7.3-cloud-amd64", "7.3-1"));
	packages_close(&packages);
	free(path);
}

static void a_table_for_another_list_is_none(void **state)
{
	struct packages packages;
	char *path;

	scratch_text(state, "Packages", index_text);
	path = cut(state, 0);
	assert_false(package_index_load(&packages, path, 6));
	assert_true(package_index_load(&packages, path, 0));
	packages_close(&packages);
	scratch_text(state, "kernels.tsv", "");
	assert_false(package_index_load(&packages, path, 5));
	assert_false(package_index_load(&packages, "/nonexistent", 5));
	free(path);
}

static void an_empty_suite_is_no_error(void **state)
{
	struct packages packages;
	char *path;

	scratch_text(state, "Packages", "");
	path = cut(state, 0);
	assert_true(package_index_load(&packages, path, 5));
	assert_int_equal(packages.count, 0);
	packages_close(&packages);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_only),
		cmocka_unit_test(a_table_for_another_list_is_none),
		cmocka_unit_test(an_empty_suite_is_no_error),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
