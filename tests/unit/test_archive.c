// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sys/stat.h>

#include "host/archive.h"

#define DATA_MAX 65536

static void add_member(struct archive *a, const char *name, const void *data, size_t size)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, S_IFREG | 0644);
	archive_entry_set_size(entry, size);
	assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, data, size), size);
	archive_entry_free(entry);
}

/* A package as dpkg-deb makes it: debian-binary, control.tar.xz, data.tar.xz in an ar archive. */
static char *make_deb(void **state, const char *name, const char *const members[][2], size_t count)
{
	static char data[DATA_MAX];
	char *path = xasprintf("%s/%s", (char *)*state, name);
	struct archive *tar = archive_write_new(), *ar = archive_write_new();
	size_t used;

	archive_write_set_format_pax_restricted(tar);
	archive_write_add_filter_xz(tar);
	assert_int_equal(archive_write_open_memory(tar, data, sizeof(data), &used), ARCHIVE_OK);
	for (size_t i = 0; i < count; i++)
		add_member(tar, members[i][0], members[i][1], strlen(members[i][1]));
	archive_write_close(tar);

	archive_write_set_format_ar_svr4(ar);
	assert_int_equal(archive_write_open_filename(ar, path), ARCHIVE_OK);
	add_member(ar, "debian-binary", "2.0\n", 4);
	add_member(ar, "control.tar.xz", "unused", 6);
	add_member(ar, "data.tar.xz", data, used);
	archive_write_free(ar);
	archive_write_free(tar);
	return path;
}

static char *boot_only(const char *name)
{
	return strncmp(name, "boot/", 5) ? NULL : strdup(name);
}

static char *anything(const char *name)
{
	return strdup(name);
}

static void assert_text(void **state, const char *name, const char *expected)
{
	char *path = xasprintf("%s/%s", (char *)*state, name), *text = file_read(path, NULL);

	if (expected)
		assert_string_equal(text, expected);
	else
		assert_null(text);
	free(text);
	free(path);
}

static void what_is_wanted_is_unpacked(void **state)
{
	static const char *const members[][2] = {
		{ "./boot/vmlinuz", "image" }, { "./usr/share/doc/x", "text" }, { "boot/config", "" },
	};
	char *deb = make_deb(state, "good.deb", members, 3), *into = xasprintf("%s/1", (char *)*state);
	char error[200] = "";

	assert_int_equal(archive_extract_deb(deb, into, boot_only, error), 0);
	assert_text(state, "1/boot/vmlinuz", "image");
	assert_text(state, "1/boot/config", "");
	assert_text(state, "1/usr/share/doc/x", NULL);
	free(into);
	free(deb);
}

static void nothing_leaves_the_folder(void **state)
{
	static const char *const members[][2] = { { "./a/../../escaped", "x" } };
	char *deb = make_deb(state, "bad.deb", members, 1), *into = xasprintf("%s/2", (char *)*state);
	char error[200] = "";

	assert_true(archive_extract_deb(deb, into, anything, error) < 0);
	assert_true(strlen(error) > 0);
	assert_text(state, "escaped", NULL);
	free(into);
	free(deb);
}

static void a_cut_package_is_an_error(void **state)
{
	static const char *const members[][2] = { { "./boot/vmlinuz", "image" } };
	char *deb = make_deb(state, "cut.deb", members, 1), *into = xasprintf("%s/3", (char *)*state);
	char error[200] = "";
	struct stat st;

	assert_int_equal(stat(deb, &st), 0);
	assert_int_equal(truncate(deb, st.st_size - 100), 0);
	assert_true(archive_extract_deb(deb, into, anything, error) < 0);
	assert_true(strlen(error) > 0);
	free(into);
	free(deb);
}

static void no_package_is_an_error(void **state)
{
	char error[200] = "";

	assert_true(archive_extract_deb("/etc/passwd", *state, anything, error) < 0);
	assert_true(strlen(error) > 0);
	assert_true(archive_extract_deb("/nonexistent", *state, anything, error) < 0);
}

static void files_are_decompressed_or_taken_as_they_are(void **state)
{
	char *plain = scratch_file(state, "plain", "a\0b", 3);
	char *gz = xasprintf("%s.gz", plain), *data;
	struct archive *raw = archive_write_new();
	size_t size;

	archive_write_set_format_raw(raw);
	archive_write_add_filter_gzip(raw);
	archive_write_open_filename(raw, gz);
	add_member(raw, "x", "a\0b", 3);
	archive_write_free(raw);
	data = archive_read_file(gz, &size);
	assert_int_equal(size, 3);
	assert_memory_equal(data, "a\0b", 4);
	free(data);
	data = archive_read_file(plain, &size);
	assert_int_equal(size, 3);
	free(data);
	assert_null(archive_read_file("/nonexistent", NULL));
	assert_int_equal(errno, ENOENT);
	free(gz);
	free(plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wanted_is_unpacked),
		cmocka_unit_test(nothing_leaves_the_folder),
		cmocka_unit_test(a_cut_package_is_an_error),
		cmocka_unit_test(no_package_is_an_error),
		cmocka_unit_test(files_are_decompressed_or_taken_as_they_are),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
