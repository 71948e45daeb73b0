// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>
#include <sys/stat.h>

#include "host/die.h"
#include "host/path.h"

static int make_scratch(void **state)
{
	char dir[] = "/tmp/test_path.XXXXXX";

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

static size_t entries(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void written_is_read(void **state)
{
	char *path = xasprintf("%s/file", (char *)*state), *text;
	struct stat st;
	size_t size;

	assert_int_equal(file_write(path, "a\0b", 3, 0640), 0);
	text = file_read(path, &size);
	assert_int_equal(size, 3);
	assert_memory_equal(text, "a\0b", 4);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	free(text);
	free(path);
}

static void long_files_are_read_whole(void **state)
{
	char *path = xasprintf("%s/long", (char *)*state), *text, *data = malloc(100000);
	size_t size;

	memset(data, 'x', 100000);
	assert_int_equal(file_write(path, data, 100000, 0666), 0);
	text = file_read(path, &size);
	assert_int_equal(size, 100000);
	assert_memory_equal(text, data, size);
	free(text);
	free(data);
	free(path);
}

/* A write that fails half-way (here: over RLIMIT_FSIZE) leaves the old text and nothing else. */
static void a_failed_write_changes_nothing(void **state)
{
	char *dir = xasprintf("%s/atomic", (char *)*state), *path = xasprintf("%s/file", dir), *text;
	struct rlimit old, small;
	char data[8192] = { 0 };

	assert_int_equal(path_mkdirs(dir), 0);
	assert_int_equal(file_write(path, "old", 3, 0666), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){ .rlim_cur = 4096, .rlim_max = old.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(file_write(path, data, sizeof(data), 0666), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	text = file_read(path, NULL);
	assert_string_equal(text, "old");
	assert_int_equal(entries(dir), 1);
	free(text);
	free(path);
	free(dir);
}

/* Who has the file open goes on reading the old text: it is replaced, not rewritten. */
static void a_reader_keeps_the_old_file(void **state)
{
	char *path = xasprintf("%s/replaced", (char *)*state), text[4] = "";
	FILE *reader;

	assert_int_equal(file_write(path, "old", 3, 0666), 0);
	reader = fopen(path, "r");
	assert_int_equal(file_write(path, "new", 3, 0666), 0);
	assert_int_equal(fread(text, 1, 3, reader), 3);
	assert_string_equal(text, "old");
	fclose(reader);
	free(path);
}

static void missing_files_are_errors(void **state)
{
	char *path = xasprintf("%s/none/file", (char *)*state);

	errno = 0;
	assert_null(file_read(path, NULL));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(file_write(path, "x", 1, 0666), -ENOENT);
	assert_false(path_exists(path));
	free(path);
}

static void mkdirs_makes_all(void **state)
{
	char *dir = xasprintf("%s/a/b//c", (char *)*state);
	char *file = xasprintf("%s/file", dir), *below = xasprintf("%s/d", file);

	assert_int_equal(path_mkdirs(dir), 0);
	assert_int_equal(path_mkdirs(dir), 0);
	assert_int_equal(file_write(file, "", 0, 0666), 0);
	assert_int_equal(path_mkdirs(below), -ENOTDIR);
	free(below);
	free(file);
	free(dir);
}

static void remove_tree_stays_inside(void **state)
{
	char *tree = xasprintf("%s/tree", (char *)*state), *sub = xasprintf("%s/sub", tree);
	char *outside = xasprintf("%s/outside", (char *)*state);
	char *link = xasprintf("%s/link", sub), *kept = xasprintf("%s/kept", outside);

	assert_int_equal(path_mkdirs(sub), 0);
	assert_int_equal(path_mkdirs(outside), 0);
	assert_int_equal(file_write(kept, "", 0, 0666), 0);
	assert_int_equal(symlink(outside, link), 0);
	assert_int_equal(path_remove_tree(tree), 0);
	assert_false(path_exists(tree));
	assert_true(path_exists(kept));
	assert_int_equal(path_remove_tree(tree), 0);
	free(kept);
	free(link);
	free(outside);
	free(sub);
	free(tree);
}

static void xdg_folders(void **state)
{
	char *expected = xasprintf("%s/sptest/x", (char *)*state), *path;

	setenv("XDG_CACHE_HOME", *state, 1);
	path = path_cache("x");
	assert_string_equal(path, expected);
	assert_true(path_exists(path));
	free(path);
	setenv("XDG_CONFIG_HOME", "not/absolute", 1);
	setenv("HOME", "/home/someone", 1);
	path = path_config("kernels");
	assert_string_equal(path, "/home/someone/.config/sptest/kernels");
	free(path);
	free(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_is_read),
		cmocka_unit_test(long_files_are_read_whole),
		cmocka_unit_test(a_failed_write_changes_nothing),
		cmocka_unit_test(a_reader_keeps_the_old_file),
		cmocka_unit_test(missing_files_are_errors),
		cmocka_unit_test(mkdirs_makes_all),
		cmocka_unit_test(remove_tree_stays_inside),
		cmocka_unit_test(xdg_folders),
	};

	return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
