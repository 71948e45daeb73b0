// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <sys/stat.h>

#include "host/image.h"
#include "host/proc.h"
#include "host/with.h"

static void take(const char *value)
{
	struct with_list list = { 0 };

	with_add(&list, value);
	with_free(&list);
}

static void what_is_no_file_or_name_ends_it(void **state)
{
	char *outside;

	scratch_text(state, "text", "hello");
	outside = xasprintf("%s/text=../text", (char *)*state);
	assert_int_equal(status_of(take, "/nonexistent"), STATUS_USAGE);
	assert_int_equal(status_of(take, *state), STATUS_USAGE);
	assert_int_equal(status_of(take, outside), STATUS_USAGE);
	*strrchr(outside, '.') = '\0';
	*strrchr(outside, '.') = '\0';
	assert_int_equal(status_of(take, outside), STATUS_USAGE);
	*strrchr(outside, '=') = '\0';
	assert_int_equal(status_of(take, outside), 0);
	free(outside);
}

static void a_name_may_be_given(void **state)
{
	char *path = xasprintf("%s/a=b", (char *)*state), *named = xasprintf("%s=c/d", path);
	struct with_list list = { 0 };
	char *value;

	scratch_text(state, "a=b", "hello");
	with_add(&list, path);
	with_add(&list, named);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.files[0].path, path);
	assert_string_equal(list.files[0].name, "a=b");
	assert_string_equal(list.files[1].path, path);
	assert_string_equal(list.files[1].name, "c/d");
	value = with_value(&list.files[1]);
	assert_string_equal(value, named);
	with_free(&list);
	free(value);
	free(named);
	free(path);
}

/* The names in an image of this program, a script and a text, as cpio -t lists them. */
static void only_programs_are_programs(void **state)
{
	char *script = xasprintf("%s/script", (char *)*state);
	char *cpio = xasprintf("%s/with.cpio", (char *)*state), *names, hash[17];
	struct image *image = image_new();
	struct with_list list = { 0 };

	scratch_text(state, "script", "#!/bin/sh\n");
	assert_int_equal(chmod(script, 0755), 0);
	with_add(&list, "/proc/self/exe=self");
	with_add(&list, script);
	with_add_to_image(&list, image);
	assert_int_equal(image_write(image, cpio, hash), 0);
	names = proc_capture((const char *[]){ "busybox", "cpio", "-t", "-F", cpio, NULL }, NULL);
	assert_non_null(names);
	assert_non_null(strstr(names, "bin/self\n"));
	assert_non_null(strstr(names, "files/script\n"));
	assert_non_null(strstr(names, "/libc.so.6\n"));
	image_free(image);
	with_free(&list);
	free(names);
	free(cpio);
	free(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_file_or_name_ends_it),
		cmocka_unit_test(a_name_may_be_given),
		cmocka_unit_test(only_programs_are_programs),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
