// SPDX-License-Identifier: GPL-2.0-only
#include "reproduce.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "die.h"
#include "machine.h"
#include "path.h"
#include "workload.h"

static void add_option(struct args *args, const char *name, const char *value)
{
	if (!value)
		return;
	args_add(args, "%s", name);
	args_add(args, "%s", value);
}

static void add_number(struct args *args, const char *name, uint64_t value)
{
	args_add(args, "%s", name);
	args_add(args, "%" PRIu64, value);
}

static void add_machine(struct args *args, const struct machine_config *config)
{
	add_option(args, "--mmu", config->mmu);
	add_option(args, "--accel", config->accel.name);
	if (!config->disk)		/* a workload's scale says how much */
		add_number(args, "--memory", config->memory_mib);
	add_number(args, "--smp", config->cpus);
	add_option(args, "--append", config->append);
	for (size_t i = 0; config->with && i < config->with->count; i++) {
		char *value = with_value(&config->with->files[i]);

		add_option(args, "--with", value);
		free(value);
	}
}

/* The program and the kernel are variables: the rest is the same anywhere. */
static char *script(const struct machine_config *config, const struct args *args)
{
	char exe[PATH_MAX] = "sptest", *program, *kernel, *modules, *rest, *text;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n > 0)
		exe[n] = '\0';
	program = shell_quote(exe);
	rest = args_quote(args);
	if (config->here) {
		text = xasprintf("#!/bin/sh\nSPTEST=${SPTEST:-%s}\nexec \"$SPTEST\" %s \"$@\"\n",
				 program, rest);
		goto out;
	}
	kernel = shell_quote(config->kernel.image);
	modules = shell_quote(config->kernel.modules ? config->kernel.modules : "");
	text = xasprintf("#!/bin/sh\n# %s\nSPTEST=${SPTEST:-%s}\nKERNEL=${KERNEL:-%s}\n"
			 "MODULES=${MODULES-%s}\nexec \"$SPTEST\" %s --kernel \"$KERNEL\" "
			 "${MODULES:+--modules \"$MODULES\"} \"$@\"\n",
			 config->kernel.source, program, kernel, modules, rest);
	free(kernel);
	free(modules);
out:
	free(program);
	free(rest);
	return text;
}

/* Named group/name, the group being the command; or by a glob of workloads; or by a file. */
static void add_workload(struct args *args, const char *tests, const struct workload_choice *choice)
{
	const char *slash = tests ? strchr(tests, '/') : NULL, *name = slash ? slash + 1 : tests;
	/* Of a name: ".A.B" of "--pressure A,B". */
	const size_t suffix = choice->pressures ? strlen(choice->pressures) + 1 : 0;

	args_add(args, "%.*s", slash ? (int)(slash - tests) : 8, slash ? tests : "workload");
	if (choice->file)
		args_add(args, "%s", choice->file);
	else if (tests)
		args_add(args, "%.*s", (int)(strlen(name) - (slash ? suffix : 0)), name);
	add_option(args, "--scale", choice->scale->name);
	add_option(args, "--guest-kernel", choice->guest_kernel);
	add_option(args, "--pressure", choice->pressures);
	if (!choice->duration_s)
		return;
	args_add(args, "--duration");
	args_add(args, "%us", choice->duration_s);
}

static void add_command(struct args *args, const struct reproduce *what)
{
	if (what->workload)
		add_workload(args, what->tests, what->workload);
	else
		args_add(args, "run");
}

int reproduce_write(const char *folder, const struct reproduce *what)
{
	char *path = xasprintf("%s/reproduce.sh", folder), *text;
	struct args args = { 0 };
	int err;

	add_command(&args, what);
	if (what->config->here) {
		args_add(&args, "--here");
		if (what->workload)
			add_option(&args, "--accel", what->config->accel.name);
	} else {
		add_machine(&args, what->config);
	}
	add_option(&args, "--selftests", what->selftests);
	if (!what->workload)
		add_option(&args, "--tests", what->tests);
	add_number(&args, "--seed", what->seed);
	if (what->timeout_s)
		add_number(&args, "--timeout", what->timeout_s);
	if (what->repeat > 1)
		add_number(&args, "--repeat", what->repeat);
	if (what->full)
		args_add(&args, "--full");
	if (what->mutant) {
		args_add(&args, "--mutant");
		args_add(&args, "%s", what->mutant);
	}
	text = script(what->config, &args);
	err = file_write(path, text, strlen(text), 0755);
	free(text);
	free(path);
	args_free(&args);
	return err;
}
