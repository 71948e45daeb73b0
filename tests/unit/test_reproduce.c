// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>
#include <sys/stat.h>

#include "host/machine.h"
#include "host/path.h"
#include "host/proc.h"
#include "host/reproduce.h"
#include "host/workload.h"
#include "host/with.h"
#include "scratch.h"

/* What sptest would be called with, an argument a line; the caller's to free. */
static char *arguments(void **state, const struct machine_config *config, const char *kernel)
{
	char *script = xasprintf("%s/reproduce.sh", (char *)*state);
	char *sptest = xasprintf("%s/show arguments", (char *)*state), *text;
	const char *const argv[] = { script, "--verbose", NULL };
	const struct proc_options opt = { .env_name = "KERNEL", .env_value = kernel };

	scratch_text(state, "show arguments", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
	assert_int_equal(chmod(sptest, 0755), 0);
	setenv("SPTEST", sptest, 1);
	assert_int_equal(reproduce_write(*state, &(struct reproduce){
		.config = config, .tests = "zap/munmap", .seed = 7, .full = true,
	}), 0);
	text = proc_capture(argv, kernel ? &opt : NULL);
	assert_non_null(text);
	free(sptest);
	free(script);
	return text;
}

static void assert_pair(const char *text, const char *option, const char *value)
{
	char *pair = xasprintf("%s\n%s\n", option, value);

	if (!strstr(text, pair))
		fail_msg("no %s %s in:\n%s", option, value, text);
	free(pair);
}

static struct machine_config machine(void)
{
	return (struct machine_config){
		.kernel = { .source = "a package", .image = "/it's a/vmlinuz~1",
			    .modules = "/its $modules" },
		.accel = { .name = "tcg" },
		.mmu = "shadow",
		.append = "a=\"b c\" d",
		.memory_mib = 512,
		.cpus = 3,
	};
}

static void words_arrive_as_they_were(void **state)
{
	struct machine_config config = machine();
	char *text = arguments(state, &config, NULL);

	assert_int_equal(strncmp(text, "run\n", 4), 0);
	assert_pair(text, "--kernel", "/it's a/vmlinuz~1");
	assert_pair(text, "--modules", "/its $modules");
	assert_pair(text, "--append", "a=\"b c\" d");
	assert_pair(text, "--mmu", "shadow");
	assert_pair(text, "--memory", "512");
	assert_pair(text, "--smp", "3");
	assert_pair(text, "--tests", "zap/munmap");
	assert_pair(text, "--seed", "7");
	assert_non_null(strstr(text, "--full\n"));
	assert_non_null(strstr(text, "--verbose\n"));
	free(text);
}

static void without_modules_there_is_no_option(void **state)
{
	struct machine_config config = machine();
	char *text;

	config.kernel.modules = NULL;
	text = arguments(state, &config, NULL);
	assert_null(strstr(text, "--modules"));
	free(text);
}

static void the_environment_names_another_kernel(void **state)
{
	struct machine_config config = machine();
	char *text = arguments(state, &config, "/other kernel");

	assert_pair(text, "--kernel", "/other kernel");
	free(text);
}

static void files_of_the_image_are_named_again(void **state)
{
	char *path = xasprintf("%s/a file", (char *)*state), *named = xasprintf("%s=in/there", path), *text;
	struct machine_config config = machine();
	struct with_list with = { 0 };

	scratch_text(state, "a file", "hello");
	with_add(&with, named);
	with_add(&with, path);
	config.with = &with;
	text = arguments(state, &config, NULL);
	assert_pair(text, "--with", named);
	assert_non_null(strstr(text, "/a file=a file\n"));
	with_free(&with);
	free(named);
	free(path);
	free(text);
}

/* Its scale has the memory, its name is no option. */
static void a_workload_is_named_as_one(void **state)
{
	const struct workload_choice choice = { .scale = workload_scale("nightly"), .duration_s = 90 };
	struct machine_config config = machine();
	char *path = xasprintf("%s/reproduce.sh", (char *)*state), *text, disk[] = "/a/disk";

	config.disk = disk;
	assert_int_equal(reproduce_write(*state, &(struct reproduce){
		.config = &config, .tests = "workload/fio-verify", .workload = &choice, .seed = 7,
	}), 0);
	text = file_read(path, NULL);
	assert_non_null(strstr(text, " workload fio-verify --scale nightly --duration 90s "));
	assert_non_null(strstr(text, " --seed 7 "));
	assert_null(strstr(text, "--memory"));
	assert_null(strstr(text, "--tests"));
	free(text);
	free(path);
}

static void a_file_is_named_by_its_path(void **state)
{
	const struct workload_choice choice = { .scale = workload_scale("small"), .file = "/a/my work",
		.guest_kernel = "6.1" };
	struct machine_config config = machine();
	char *path = xasprintf("%s/reproduce.sh", (char *)*state), *text;

	assert_int_equal(reproduce_write(*state, &(struct reproduce){
		.config = &config, .tests = "deadlock/my work", .workload = &choice,
	}), 0);
	text = file_read(path, NULL);
	assert_non_null(strstr(text, " deadlock '/a/my work' --scale small --guest-kernel 6.1 "));
	assert_null(strstr(text, "--duration"));
	free(text);
	free(path);
}

static void here_needs_no_kernel(void **state)
{
	struct machine_config config = machine();
	char *text;

	config.here = true;
	text = arguments(state, &config, NULL);
	assert_non_null(strstr(text, "--here\n"));
	assert_null(strstr(text, "--kernel"));
	free(text);
}

static void guests_of_this_machine_keep_their_kernel_and_accelerator(void **state)
{
	const struct workload_choice choice = { .scale = workload_scale("small"), .here = true, .guest_kernel = "6.12" };
	struct machine_config config = machine();
	char *text, *path = xasprintf("%s/reproduce.sh", (char *)*state);

	config.here = true;
	assert_int_equal(reproduce_write(*state, &(struct reproduce){
		.config = &config, .tests = "workload/fio-verify", .workload = &choice,
	}), 0);
	text = file_read(path, NULL);
	assert_non_null(strstr(text, " workload fio-verify --scale small --guest-kernel 6.12 --here --accel tcg "));
	assert_null(strstr(text, "--memory"));
	free(text);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_arrive_as_they_were),
		cmocka_unit_test(without_modules_there_is_no_option),
		cmocka_unit_test(the_environment_names_another_kernel),
		cmocka_unit_test(files_of_the_image_are_named_again),
		cmocka_unit_test(a_workload_is_named_as_one),
		cmocka_unit_test(guests_of_this_machine_keep_their_kernel_and_accelerator),
		cmocka_unit_test(a_file_is_named_by_its_path),
		cmocka_unit_test(here_needs_no_kernel),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
