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

static void add_machine(struct args *args, const struct machine_config *config)
{
	args_add(args, "--mmu");
	args_add(args, "%s", config->mmu);
	args_add(args, "--accel");
	args_add(args, "%s", config->accel.name);
	args_add(args, "--memory");
	args_add(args, "%u", config->memory_mib);
	args_add(args, "--smp");
	args_add(args, "%u", config->cpus);
	if (config->append) {
		args_add(args, "--append");
		args_add(args, "%s", config->append);
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

int reproduce_write(const char *folder, const struct machine_config *config, const char *tests,
		    uint64_t seed, unsigned int timeout_s)
{
	char *path = xasprintf("%s/reproduce.sh", folder), *text;
	struct args args = { 0 };
	int err;

	args_add(&args, "run");
	if (config->here)
		args_add(&args, "--here");
	else
		add_machine(&args, config);
	args_add(&args, "--tests");
	args_add(&args, "%s", tests);
	args_add(&args, "--seed");
	args_add(&args, "%" PRIu64, seed);
	if (timeout_s) {
		args_add(&args, "--timeout");
		args_add(&args, "%u", timeout_s);
	}
	text = script(config, &args);
	err = file_write(path, text, strlen(text), 0755);
	free(text);
	free(path);
	args_free(&args);
	return err;
}
