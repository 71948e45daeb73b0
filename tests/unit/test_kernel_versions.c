// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include "host/packages.h"
#include "host/kernel-versions.h"
#include "host/package-index.h"

#define PATTERNS "linux-image-*-cloud-amd64 linux-image-*-cloud-amd64-unsigned"

/* As apt/kernels.tsv has it: one kernel of each of Debian's layouts, and what is not one. */
static const char table[] =
	"old\tlinux-image-5.10.0-46-cloud-amd64\t5.10.262-1\t20\tkmod\n"
	"stable\tlinux-image-6.1.0-9-cloud-amd64\t6.1.9-1\t20\tkmod\n"
	"stable\tlinux-image-6.12-cloud-amd64\t6.12.9-1\t1\tkmod, linux-image-6.12.9-cloud-amd64 (= 6.12.9-1)\n"
	"stable\tlinux-image-6.12.9-cloud-amd64-unsigned\t6.12.9-1\t20\tkmod\n"
	"stable\tlinux-image-6.12.9-cloud-amd64\t6.12.9-1\t20\tkmod\n"
	"stable\tlinux-image-6.13.1-cloud-amd64-unsigned\t6.13.1-1\t20\tkmod\n"
	"stable\tlinux-image-6.12.9-amd64\t6.12.9-1\t20\tkmod\n"
	"new\tlinux-image-6.18.5-cloud-amd64\t6.18.5-1\t20\tkmod, linux-base-6.18.5-cloud-amd64 (= 6.18.5-1)\n"
	"new\tlinux-image-7.1.2-cloud-amd64\t7.1.2-1\t1\tlinux-base-7.1.2-cloud-amd64 (= 7.1.2-1), "
	"linux-binary-7.1.2-cloud-amd64 (= 7.1.2-1), linux-modules-7.1.2-cloud-amd64 (= 7.1.2-1)\n"
	"new\tlinux-binary-7.1.2-cloud-amd64\t7.1.2-1\t10\t\n"
	"new\tlinux-image-7.3-cloud-amd64\t7.3~rc7-1\t1\tlinux-base-7.3-cloud-amd64 (= 7.3~rc7-1), "
	"linux-binary-7.3-cloud-amd64 (= 7.3~rc7-1), linux-modules-7.3-cloud-amd64 (= 7.3~rc7-1)\n"
	"new\tlinux-base-7.3-cloud-amd64\t7.3~rc7-1\t2\t\n"
	"new\tlinux-binary-unsigned-7.3-cloud-amd64\t7.3~rc7-1\t10\t\n"
	"new\tlinux-modules-7.3-cloud-amd64\t7.3~rc7-1\t30\t\n";

struct fixture {
	struct kernel_list list;
	struct kernel_versions versions;
};

static void write_table(void **state, uint64_t key)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	package_index_begin(file, key, " stable ");
	fputs(table, file);
	fclose(file);
	scratch_text(state, "cache/sptest/apt/kernels.tsv", text);
	free(text);
}

static void load(void **state, struct fixture *f)
{
	scratch_text(state, "config/sptest/kernels/a.conf", "suite = old\npackages = " PATTERNS "\n");
	scratch_text(state, "config/sptest/kernels/b.conf", "suite = stable\npackages = " PATTERNS "\n");
	scratch_text(state, "config/sptest/kernels/c.conf", "suite = new\npackages = " PATTERNS "\n");
	kernel_list_load(&f->list);
	write_table(state, packages_table_key(&f->list));
	kernel_versions_load(&f->versions, &f->list, false);
	assert_string_equal(f->versions.error, "");
}

static void unload(struct fixture *f)
{
	kernel_versions_free(&f->versions);
	kernel_list_free(&f->list);
}

static void assert_found(const struct fixture *f, const char *word, const char *package)
{
	const struct kernel_version *version = kernel_versions_find(&f->versions, word);

	if (!package) {
		assert_null(version);
		return;
	}
	assert_non_null(version);
	assert_string_equal(version->package, package);
}

static void newest_first_without_metas_and_doubles(void **state)
{
	static const char *const expected[] = {
		"7.3-rc7", "7.1.2", "6.18.5", "6.13.1", "6.12.9", "6.1.9", "5.10.262",
	};
	struct fixture f;

	load(state, &f);
	assert_int_equal(f.versions.count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < f.versions.count; i++)
		assert_string_equal(f.versions.all[i].version, expected[i]);
	unload(&f);
}

static void words_find_the_newest_match(void **state)
{
	struct fixture f;

	load(state, &f);
	assert_found(&f, "6", "linux-image-6.18.5-cloud-amd64");
	assert_found(&f, "6.1", "linux-image-6.1.0-9-cloud-amd64");
	assert_found(&f, "6.12", "linux-image-6.12.9-cloud-amd64");
	assert_found(&f, "6.12.9-1", "linux-image-6.12.9-cloud-amd64");
	assert_found(&f, "6.1.0-9-cloud-amd64", "linux-image-6.1.0-9-cloud-amd64");
	assert_found(&f, "7.3-rc", "linux-image-7.3-cloud-amd64");
	assert_found(&f, "6.2", NULL);
	unload(&f);
}

static void the_default_is_of_the_machines_own_suites(void **state)
{
	struct fixture f;

	load(state, &f);
	assert_found(&f, NULL, "linux-image-6.13.1-cloud-amd64-unsigned");
	unload(&f);
}

static void assert_parts(const struct fixture *f, const char *word, const char *parts)
{
	const struct kernel_version *version = kernel_versions_find(&f->versions, word);
	char text[400] = "";

	for (size_t i = 0; version->parts[i]; i++) {
		strcat(text, version->parts[i]->name);
		strcat(text, " ");
	}
	assert_string_equal(text, parts);
}

static void each_layout_has_its_parts(void **state)
{
	struct fixture f;

	load(state, &f);
	assert_parts(&f, "6.12", "linux-image-6.12.9-cloud-amd64 ");
	assert_parts(&f, "6.18", "linux-image-6.18.5-cloud-amd64 ");
	assert_true(kernel_versions_find(&f.versions, "6.18")->whole);
	assert_parts(&f, "7.3", "linux-base-7.3-cloud-amd64 linux-binary-unsigned-7.3-cloud-amd64 "
		     "linux-modules-7.3-cloud-amd64 ");
	assert_true(kernel_versions_find(&f.versions, "7.3")->whole);
	assert_false(kernel_versions_find(&f.versions, "7.1")->whole);
	unload(&f);
}

static void a_whole_one_comes_before_a_newer_shell(void **state)
{
	struct fixture f;

	load(state, &f);
	assert_found(&f, "7", "linux-image-7.3-cloud-amd64");
	free((void *)f.versions.all[0].version);
	f.versions.all[0].version = strdup("8.0");
	assert_found(&f, "7", "linux-image-7.1.2-cloud-amd64");
	f.versions.all[2].version[0] = '7';	/* 7.18.5, older by its package's version */
	assert_found(&f, "7", "linux-image-6.18.5-cloud-amd64");
	unload(&f);
}

static void what_is_cached_shows_though_it_left_the_suites(void **state)
{
	struct fixture f;

	scratch_text(state, "cache/sptest/kernels/linux-image-6.12.1-cloud-amd64_6.12.1-1/kernel.conf",
		     "release = 6.12.1-cloud-amd64\nsource = x\nversion = 6.12.1-1\nsuite = stable\n"
		     "package = linux-image-6.12.1-cloud-amd64\n");
	scratch_text(state, "cache/sptest/kernels/deb-0123/kernel.conf",
		     "release = 9.9\nsource = x.deb\npackage =\nversion =\nsuite =\n");
	load(state, &f);
	assert_found(&f, "6.12.1", "linux-image-6.12.1-cloud-amd64");
	assert_true(kernel_versions_find(&f.versions, "6.12.1")->cached);
	assert_false(kernel_versions_find(&f.versions, "6.12.9")->cached);
	assert_found(&f, "9.9", NULL);
	unload(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_first_without_metas_and_doubles),
		cmocka_unit_test(words_find_the_newest_match),
		cmocka_unit_test(the_default_is_of_the_machines_own_suites),
		cmocka_unit_test(each_layout_has_its_parts),
		cmocka_unit_test(a_whole_one_comes_before_a_newer_shell),
		cmocka_unit_test(what_is_cached_shows_though_it_left_the_suites),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
