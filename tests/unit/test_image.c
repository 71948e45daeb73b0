// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sys/stat.h>

#include "host/die.h"
#include "host/elf-needed.h"
#include "host/image.h"
#include "host/kernel.h"
#include "host/proc.h"

struct content {
	char names[4096];	/* "name mode size\n" */
	char text[4096];	/* of the member that was asked for */
};

static void read_image(const char *path, const char *wanted, struct content *content)
{
	struct archive *cpio = archive_read_new();
	struct archive_entry *entry;
	size_t used = 0;

	memset(content, 0, sizeof(*content));
	archive_read_support_format_cpio(cpio);
	assert_int_equal(archive_read_open_filename(cpio, path, 4096), ARCHIVE_OK);
	while (archive_read_next_header(cpio, &entry) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);

		used += snprintf(content->names + used, sizeof(content->names) - used, "%s %o %lld\n",
				 name, archive_entry_mode(entry), (long long)archive_entry_size(entry));
		assert_int_equal(archive_entry_uid(entry), 0);
		assert_int_equal(archive_entry_gid(entry), 0);
		assert_int_equal(archive_entry_mtime(entry), 0);
		if (wanted && !strcmp(name, wanted))
			archive_read_data(cpio, content->text, sizeof(content->text) - 1);
	}
	archive_read_free(cpio);
}

static char *write_image(void **state, struct image *image, const char *name, char hash[17])
{
	char *path = xasprintf("%s/%s", (char *)*state, name);

	assert_int_equal(image_write(image, path, hash), 0);
	image_free(image);
	return path;
}

static void members_come_sorted_with_their_folders(void **state)
{
	struct image *image = image_new();
	struct content content;
	char hash[17], *path;

	image_add_text(image, "z/deep/file", "hello\n", 0600);
	image_add_symlink(image, "bin/sh", "busybox");
	image_add_text(image, "a", "", 0644);
	path = write_image(state, image, "sorted.cpio", hash);
	read_image(path, "z/deep/file", &content);
	assert_string_equal(content.names,
			    "a 100644 0\nbin 40755 0\nbin/sh 120777 7\nz 40755 0\nz/deep 40755 0\n"
			    "z/deep/file 100600 6\n");
	assert_string_equal(content.text, "hello\n");
	free(path);
}

static char *small_image(void **state, const char *name, bool reverse, const char *text, char hash[17])
{
	struct image *image = image_new();

	if (reverse)
		image_add_text(image, "two", text, 0644);
	image_add_text(image, "one", "1", 0644);
	if (!reverse)
		image_add_text(image, "two", text, 0644);
	return write_image(state, image, name, hash);
}

/* As the kernel reads it: Rock Ridge has the names and modes. */
static void the_same_makes_a_disk(void **state)
{
	struct image *image = image_new();
	char *path = xasprintf("%s/disk.iso", (char *)*state), hash[17];
	struct archive *iso = archive_read_new();
	struct archive_entry *entry;
	unsigned int seen = 0;

	image_add_text(image, "a long name/and a deeper one.with.dots", "hello\n", 0755);
	image_add_symlink(image, "link", "a long name");
	image_add_folder(image, "empty");
	image_identify(image, hash);
	assert_int_equal(image_write_iso(image, path), 0);
	archive_read_support_format_iso9660(iso);
	assert_int_equal(archive_read_open_filename(iso, path, 4096), ARCHIVE_OK);
	while (archive_read_next_header(iso, &entry) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);

		if (!strcmp(name, "a long name/and a deeper one.with.dots"))
			seen |= archive_entry_size(entry) == 6 && archive_entry_mode(entry) & 0111 ? 1 : 0;
		if (!strcmp(name, "link"))
			seen |= !strcmp(archive_entry_symlink(entry), "a long name") ? 2 : 0;
		if (!strcmp(name, "empty"))
			seen |= S_ISDIR(archive_entry_mode(entry)) ? 4 : 0;
	}
	assert_int_equal(seen, 7);
	archive_read_free(iso);
	image_free(image);
	free(path);
}

static void same_content_same_bytes(void **state)
{
	char hashes[3][17];
	char *paths[3] = {
		small_image(state, "1.cpio", false, "2", hashes[0]),
		small_image(state, "2.cpio", true, "2", hashes[1]),
		small_image(state, "3.cpio", false, "3", hashes[2]),
	};
	size_t sizes[2];
	char *bytes[2] = { file_read(paths[0], &sizes[0]), file_read(paths[1], &sizes[1]) };

	assert_int_equal(sizes[0], sizes[1]);
	assert_memory_equal(bytes[0], bytes[1], sizes[0]);
	assert_string_equal(hashes[0], hashes[1]);
	assert_string_not_equal(hashes[0], hashes[2]);
	assert_int_equal(strlen(hashes[0]), 16);
	for (int i = 0; i < 3; i++)
		free(paths[i]);
	free(bytes[0]);
	free(bytes[1]);
}

static void the_last_of_a_name_stands(void **state)
{
	struct image *image = image_new();
	struct content content;
	char hash[17], *path;

	image_add_text(image, "init", "old", 0644);
	image_add_text(image, "init", "newer", 0755);
	path = write_image(state, image, "last.cpio", hash);
	read_image(path, "init", &content);
	assert_string_equal(content.names, "init 100755 5\n");
	assert_string_equal(content.text, "newer");
	free(path);
}

static void write_xz(const char *path, const char *text)
{
	struct archive *raw = archive_write_new();
	struct archive_entry *entry = archive_entry_new();

	archive_write_set_format_raw(raw);
	archive_write_add_filter_xz(raw);
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(archive_write_open_filename(raw, path), ARCHIVE_OK);
	archive_write_header(raw, entry);
	archive_write_data(raw, text, strlen(text));
	archive_entry_free(entry);
	archive_write_free(raw);
}

static void modules_are_unpacked(void **state)
{
	const char *const names[] = { "kvm_amd", "not_there" };
	struct kernel kernel = { .modules = *state };
	struct image *image = image_new();
	struct content content;
	char hash[17], *xz, *path;

	scratch_text(state, "modules.dep", "k/kvm-amd.ko.xz: k/kvm.ko\nk/kvm.ko:\n");
	scratch_text(state, "k/kvm.ko", "plain");
	xz = xasprintf("%s/k/kvm-amd.ko.xz", (char *)*state);
	write_xz(xz, "was compressed");
	image_add_modules(image, &kernel, names, 2);
	path = write_image(state, image, "modules.cpio", hash);
	read_image(path, "modules/kvm_amd.ko", &content);
	assert_string_equal(content.text, "was compressed");
	read_image(path, "modules/order", &content);
	assert_string_equal(content.text, "kvm\nkvm_amd\n");
	free(path);
	free(xz);
}

static void a_kernel_without_modules_has_an_empty_order(void **state)
{
	const char *const names[] = { "kvm" };
	struct kernel kernel = { 0 };
	struct image *image = image_new();
	struct content content;
	char hash[17], *path;

	image_add_modules(image, &kernel, names, 1);
	path = write_image(state, image, "none.cpio", hash);
	read_image(path, NULL, &content);
	assert_string_equal(content.names, "modules 40755 0\nmodules/order 100644 0\n");
	free(path);
}

/* What ldd says of this program: libraries by soname, the loader by its path. */
static void libraries_of_a_program_come_along(void **state)
{
	struct image *image = image_new();
	struct content content;
	char hash[17], *path, *list, *rest, *line, *self = realpath("/proc/self/exe", NULL);

	list = proc_capture((const char *[]){ "ldd", self, NULL }, NULL);
	assert_non_null(list);
	image_add_program(image, "bin/self", self);
	path = write_image(state, image, "program.cpio", hash);
	read_image(path, NULL, &content);
	rest = list;
	while ((line = strsep(&rest, "\n"))) {
		char *member;

		if (*line++ != '\t' || !strncmp(line, "linux-vdso", 10))
			continue;
		line[strcspn(line, " ")] = '\0';
		member = xasprintf("%s 100755", line + (*line == '/'));
		if (!strstr(content.names, member))
			fail_msg("%s is missing in:\n%s", line, content.names);
		free(member);
	}
	assert_non_null(strstr(content.names, "/libc.so.6 "));
	free(path);
	free(self);
	free(list);
}

static void add_program(const char *path)
{
	image_add_program(image_new(), "x", path);
}

static void a_file_that_is_not_there_is_bad_input(void **state)
{
	(void)state;
	assert_int_equal(status_of(add_program, "/nonexistent"), STATUS_USAGE);
	assert_int_equal(status_of(add_program, "/etc/passwd"), 0);
}

static void a_place_that_is_not_there_is_an_error(void **state)
{
	struct image *image = image_new();
	char hash[17];

	(void)state;
	image_add_text(image, "x", "y", 0644);
	assert_int_equal(image_write(image, "/nonexistent/image", hash), -ENOENT);
	image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_sorted_with_their_folders),
		cmocka_unit_test(the_same_makes_a_disk),
		cmocka_unit_test(same_content_same_bytes),
		cmocka_unit_test(the_last_of_a_name_stands),
		cmocka_unit_test(modules_are_unpacked),
		cmocka_unit_test(a_kernel_without_modules_has_an_empty_order),
		cmocka_unit_test(libraries_of_a_program_come_along),
		cmocka_unit_test(a_file_that_is_not_there_is_bad_input),
		cmocka_unit_test(a_place_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
