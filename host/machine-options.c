// SPDX-License-Identifier: GPL-2.0-only
#include "machine-options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "die.h"
#include "guest-disk.h"
#include "host-image.h"
#include "mmu.h"
#include "path.h"
#include "proc.h"
#include "version.h"

unsigned long long option_number(const char *name, const char *value, unsigned long long min,
				 unsigned long long max)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(value, &end, 0);
	if (errno || *end || end == value || *value == '-' || number < min || number > max)
		die(STATUS_USAGE, "--%s %s: a whole number from %llu to %llu is wanted", name, value,
		    min, max);
	return number;
}

bool machine_options_take(struct machine_options *options, int opt, const char *value)
{
	const char *modes[MMU_MODES];

	switch (opt) {
	case 1000:
		options->kernel = value;
		return true;
	case 1001:
		options->modules = value;
		return true;
	case 1002:
		if (!mmu_list(value, modes))
			die(STATUS_USAGE, "--mmu %s: tdp, direct, shadow or all is wanted", value);
		options->mmu = value;
		return true;
	case 1003:
		options->accel = value;
		return true;
	case 1004:
		options->append = *value ? value : NULL;
		return true;
	case 1005:
		options->memory_mib = option_number("memory", value, 256, 1 << 20);
		return true;
	case 1006:
		options->cpus = option_number("smp", value, 1, 255);
		return true;
	case 1007:
		options->tests = value;
		return true;
	case 1008:
		options->selftests = value;
		return true;
	case 1009:
		with_add(&options->with, value);
		return true;
	default:
		return false;
	}
}

char *machine_options_selftests(const struct machine_options *options)
{
	return options->selftests ? xstrdup(options->selftests) : path_libexec("selftests");
}

static void describe_running(struct kernel *kernel)
{
	struct utsname name;

	uname(&name);
	kernel->release = xstrdup(name.release);
	kernel->source = xstrdup("running");
	kernel->version = version_of_banner(name.release, name.version);
}

/* Guests of this machine: what they boot, and what runs them. */
static void prepare_guests_here(const struct machine_options *options, struct machine_config *config)
{
	struct kernel guests = { 0 };

	accel_choose_guests(&config->accel, options->accel);
	kernel_find(&guests, options->guest_kernel ?: "running", NULL);
	guest_disk_write(config, &guests);
	kernel_release(&guests);
}

void machine_options_apply(const struct machine_options *options, const struct test_list *tests,
			   struct machine_config *config)
{
	const char *modes[MMU_MODES] = { options->mmu };
	struct kernel guests = { 0 };

	mmu_list(options->mmu, modes);
	*config = (struct machine_config){
		.mmu = modes[0], .append = options->append, .memory_mib = options->memory_mib,
		.cpus = options->cpus, .gdb = options->gdb, .here = options->here,
		.with = &options->with, .one_node = options->guests,
	};
	if (options->here) {
		describe_running(&config->kernel);
		config->accel = (struct accel){ .kvm = true, .name = "none", .slowness = 1 };
		snprintf(config->accel.why, sizeof(config->accel.why), "this machine, --here");
		config->mmu = "running";
		if (options->guests)
			prepare_guests_here(options, config);
		return;
	}
	if (!proc_in_path(MACHINE_QEMU))
		die(STATUS_USAGE, "no " MACHINE_QEMU " in PATH: install qemu-system-x86, or use --here");
	accel_choose(&config->accel, options->accel);
	if (options->guest_kernel)	/* first: it is soon said that it is none */
		kernel_find(&guests, options->guest_kernel, NULL);
	kernel_find(&config->kernel, options->kernel, options->modules);
	host_image_write(config, tests);
	if (options->guests)
		guest_disk_write(config, options->guest_kernel ? &guests : &config->kernel);
	kernel_release(&guests);
}

void machine_options_release(struct machine_options *options)
{
	with_free(&options->with);
}

void machine_config_release(struct machine_config *config)
{
	kernel_release(&config->kernel);
	free(config->image);
	free(config->disk);
	free(config->guest_kernel);
	free(config->initrd);
	*config = (struct machine_config){ 0 };
}
