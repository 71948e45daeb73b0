// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <errno.h>
#include <sys/stat.h>

#include "host/packages.h"
#include "host/kernel-files.h"
#include "host/kernel-list.h"
#include "host/kernel.h"
#include "host/package-index.h"

#define RELEASE "6.12.9-test"
#define CACHED "cache/sptest/kernels/linux-image-6.12.9-cloud-amd64_6.12.9-1/"

static char *at(void **state, const char *name)
{
	return xasprintf("%s/%s", (char *)*state, name);
}

static void assert_at(void **state, const char *path, const char *name)
{
	char *expected = at(state, name);

	assert_string_equal(path, expected);
	free(expected);
}

static void find(const char *word)
{
	struct kernel kernel;

	kernel_find(&kernel, word, NULL);
	kernel_release(&kernel);
}

static void an_image_tells_its_release(void **state)
{
	char *path = at(state, "vmlinuz"), *release;

	scratch_bzimage(state, "vmlinuz", RELEASE);
	release = kernel_image_release(path);
	assert_string_equal(release, RELEASE);
	free(release);
	assert_int_equal(truncate(path, 0x204), 0);
	assert_null(kernel_image_release(path));
	assert_null(kernel_image_release("/etc/passwd"));
	assert_null(kernel_image_release("/nonexistent"));
	free(path);
}

static void modules_and_config_beside_an_image(void **state)
{
	char *path = at(state, "boot/vmlinuz");
	struct kernel kernel;

	scratch_bzimage(state, "boot/vmlinuz", RELEASE);
	kernel_find(&kernel, path, NULL);
	assert_string_equal(kernel.release, RELEASE);
	assert_string_equal(kernel.image, path);
	assert_null(kernel.modules);
	assert_null(kernel.config);
	assert_null(kernel.config_hash);
	kernel_release(&kernel);

	scratch_text(state, "boot/config-" RELEASE, "CONFIG_KVM=m\n");
	scratch_text(state, "lib/modules/" RELEASE "/modules.dep", "");
	kernel_find(&kernel, path, NULL);
	assert_at(state, kernel.modules, "boot/../lib/modules/" RELEASE);
	assert_at(state, kernel.config, "boot/config-" RELEASE);
	assert_int_equal(strlen(kernel.config_hash), 16);
	kernel_release(&kernel);
	free(path);
}

static void modules_that_are_named_win(void **state)
{
	char *path = at(state, "boot/vmlinuz"), *other = at(state, "other");
	struct kernel kernel;

	scratch_bzimage(state, "boot/vmlinuz", RELEASE);
	scratch_text(state, "lib/modules/" RELEASE "/modules.dep", "");
	scratch_text(state, "other/lib/modules/" RELEASE "/modules.dep", "");
	kernel_find(&kernel, path, other);
	assert_at(state, kernel.modules, "other/lib/modules/" RELEASE);
	kernel_release(&kernel);
	free(other);
	free(path);
}

static void find_with_no_modules_there(const char *path)
{
	struct kernel kernel;

	kernel_find(&kernel, path, "/etc");
}

static void what_is_no_kernel_is_bad_input(void **state)
{
	char *path = at(state, "boot/vmlinuz");

	scratch_bzimage(state, "boot/vmlinuz", RELEASE);
	assert_int_equal(status_of(find_with_no_modules_there, path), STATUS_USAGE);
	assert_int_equal(status_of(find, "/etc/passwd"), STATUS_USAGE);
	assert_int_equal(status_of(find, "/nonexistent/vmlinuz"), STATUS_USAGE);
	assert_int_equal(status_of(find, "/etc"), STATUS_USAGE);
	assert_int_equal(status_of(find, "nonexistent.deb"), STATUS_USAGE);
	assert_int_equal(status_of(find, "no-such-name"), STATUS_USAGE);
	free(path);
}

static void a_build_tree_or_the_image_in_it(void **state)
{
	char *tree = at(state, "tree"), *image = at(state, "tree/arch/x86/boot/bzImage");
	struct kernel kernel;

	scratch_bzimage(state, "tree/arch/x86/boot/bzImage", RELEASE);
	scratch_text(state, "tree/.config", "CONFIG_KVM=y\n");
	for (int i = 0; i < 2; i++) {
		kernel_find(&kernel, i ? image : tree, NULL);
		assert_string_equal(kernel.release, RELEASE);
		assert_string_equal(kernel.source, tree);
		assert_string_equal(kernel.image, image);
		assert_at(state, kernel.config, "tree/.config");
		assert_null(kernel.modules);
		kernel_release(&kernel);
	}
	free(image);
	free(tree);
}

/* This program stands in for a module: depmod wants ELF files, but not kernel modules. */
static void modules_of_a_build_tree_are_linked(void **state)
{
	size_t size;
	char *elf = file_read("/proc/self/exe", &size);
	char *tree = at(state, "tree2"), *first;
	struct kernel kernel;
	struct stat st;

	scratch_bzimage(state, "tree2/arch/x86/boot/bzImage", RELEASE);
	free(scratch_file(state, "tree2/arch/x86/kvm/kvm.ko", elf, size));
	kernel_find(&kernel, tree, NULL);
	assert_non_null(kernel.modules);
	first = xasprintf("%s/kernel/arch/x86/kvm/kvm.ko", kernel.modules);
	assert_int_equal(stat(first, &st), 0);
	assert_int_equal(st.st_size, size);
	kernel_release(&kernel);

	free(scratch_file(state, "tree2/virt/lib/irqbypass.ko", elf, size));
	kernel_find(&kernel, tree, NULL);
	free(first);
	first = xasprintf("%s/kernel/virt/lib/irqbypass.ko", kernel.modules);
	assert_int_equal(stat(first, &st), 0);
	kernel_release(&kernel);
	free(first);
	free(tree);
	free(elf);
}

/* A list of one suite, its table, and one of its two kernels in the cache. */
static void set_up_cache(void **state)
{
	struct kernel_list list;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	scratch_text(state, "config/sptest/kernels/a.conf", "suite = stable\n");
	scratch_text(state, "config/sptest/kernels/mine.conf", "image = /nonexistent/image\n");
	kernel_list_load(&list);
	package_index_begin(file, packages_table_key(&list), " stable ");
	fputs("stable\tlinux-image-6.12.9-cloud-amd64\t6.12.9-1\t20\tkmod\n"
	      "stable\tlinux-image-7.1.2-cloud-amd64\t7.1.2-1\t1\t"
	      "linux-modules-7.1.2-cloud-amd64 (= 7.1.2-1)\n", file);
	fclose(file);
	scratch_text(state, "cache/sptest/apt/kernels.tsv", text);
	scratch_text(state, CACHED "kernel.conf",
		     "release = 6.12.9-cloud-amd64\nsource = here\nversion = 6.12.9-1\n"
		     "suite = stable\npackage = linux-image-6.12.9-cloud-amd64\n");
	scratch_bzimage(state, CACHED "vmlinuz", "6.12.9-cloud-amd64");
	scratch_text(state, CACHED "config", "CONFIG_KVM=m\n");
	scratch_text(state, CACHED "lib/modules/6.12.9-cloud-amd64/modules.dep", "");
	kernel_list_free(&list);
	free(text);
}

/* With an empty PATH neither apt nor depmod runs: all must come from the cache. */
static void a_cached_version_needs_no_other_program(void **state)
{
	char *path = strdup(getenv("PATH"));
	struct kernel kernel;

	set_up_cache(state);
	setenv("PATH", "/nonexistent", 1);
	kernel_find(&kernel, "6.12", NULL);
	assert_string_equal(kernel.release, "6.12.9-cloud-amd64");
	assert_string_equal(kernel.source, "here");
	assert_at(state, kernel.image, CACHED "vmlinuz");
	assert_at(state, kernel.modules, CACHED "lib/modules/6.12.9-cloud-amd64");
	assert_at(state, kernel.config, CACHED "config");
	kernel_release(&kernel);
	assert_int_equal(status_of(find, "6.13"), STATUS_USAGE);
	setenv("PATH", path, 1);
	free(path);
}

/* status_of(), and what it said. */
static int find_loudly(void **state, const char *word, char **said)
{
	char *log = at(state, "stderr");
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (freopen(log, "w", stderr))
			find(word);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	*said = file_read(log, NULL);
	free(log);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_shell_without_modules_is_named_as_such(void **state)
{
	char *said;

	set_up_cache(state);
	assert_int_equal(find_loudly(state, "7.1", &said), STATUS_USAGE);
	assert_non_null(strstr(said, "7.1.2: the archive (stable) no longer has its modules"));
	free(said);
}

static void a_kernel_on_disk_that_is_gone_is_named(void **state)
{
	char *said;

	set_up_cache(state);
	assert_int_equal(find_loudly(state, "mine", &said), STATUS_USAGE);
	assert_non_null(strstr(said, "/nonexistent/image: No such file"));
	free(said);
}

static void the_default_is_never_a_shell(void **state)
{
	struct kernel kernel;

	set_up_cache(state);
	kernel_find(&kernel, NULL, NULL);
	assert_string_equal(kernel.release, "6.12.9-cloud-amd64");
	kernel_release(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_tells_its_release),
		cmocka_unit_test(modules_and_config_beside_an_image),
		cmocka_unit_test(modules_that_are_named_win),
		cmocka_unit_test(what_is_no_kernel_is_bad_input),
		cmocka_unit_test(a_build_tree_or_the_image_in_it),
		cmocka_unit_test(modules_of_a_build_tree_are_linked),
		cmocka_unit_test(a_cached_version_needs_no_other_program),
		cmocka_unit_test(a_shell_without_modules_is_named_as_such),
		cmocka_unit_test(a_kernel_on_disk_that_is_gone_is_named),
		cmocka_unit_test(the_default_is_never_a_shell),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
