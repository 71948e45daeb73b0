// SPDX-License-Identifier: GPL-2.0-only
#include "deadlock-save.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "deadlock-minimise.h"
#include "die.h"
#include "path.h"
#include "proc.h"

#define FUNCTIONS 3	/* of a stack that make a signature */

void deadlock_save_check(const struct workload_options *o)
{
	char *path, *other;

	if (o->minimise && !o->save)
		die(STATUS_USAGE, "--minimise: --save NAME is wanted as well, for what comes out");
	if (!o->save)
		return;
	path = recipe_own_path(o->save);
	other = strchr(o->save, '/') ? NULL : recipe_find(o->save);
	if (path_exists(path) || other)
		die(STATUS_USAGE, "--save %s: %s is there already; choose another name", o->save, other ? other : path);
	free(other);
	free(path);
}

/* The innermost functions of the most tasks that are blocked, the caller's to free; NULL: none is. */
static char *signature_of(const char *page)
{
	const char *blocked = strstr(page, " blocked: "), *stack = blocked ? strstr(blocked, "\n  ") : NULL, *end;
	unsigned int functions = 0;

	if (!stack)
		return NULL;
	stack += 3;
	for (end = stack; *end && *end != '\n'; end++)
		if (!strncmp(end, " < ", 3) && ++functions == FUNCTIONS)
			break;
	return xasprintf("%.*s", (int)(end - stack), stack);
}

/* A kernel that was given as a file is found from anywhere. */
static void set_kernel(struct recipe *recipe, const char *kernel)
{
	char *path = kernel && strchr(kernel, '/') ? realpath(kernel, NULL) : NULL;

	recipe_set_option(recipe, "kernel", path ? path : kernel);
	free(path);
}

static void set_options(const struct workload_options *o, struct recipe *recipe)
{
	char *seed = xasprintf("%" PRIu64, o->run.seed);
	char *timeout = o->run.supervisor.timeout_s ? xasprintf("%u", o->run.supervisor.timeout_s) : NULL, *duration;

	recipe_set_option(recipe, "seed", seed);
	set_kernel(recipe, o->run.machine.kernel);
	recipe_set_option(recipe, "mmu", o->run.machine.mmu);
	recipe_set_option(recipe, "timeout", timeout);	/* the end of most deadlocks: a try is as long */
	free(timeout);
	free(seed);
	if (recipe_get(recipe, "tests"))
		return;
	duration = xasprintf("%us", o->choice.duration_s ? o->choice.duration_s : o->choice.scale->seconds);
	recipe_set_option(recipe, "duration", duration);
	recipe_set_option(recipe, "scale", o->choice.scale->name);
	recipe_set_option(recipe, "pressure", o->choice.pressures);
	free(duration);
}

void deadlock_save(const struct workload_options *o, struct recipe *recipe, const char *diagnosis, bool expected)
{
	char *path = recipe_own_path(o->save), *signature = diagnosis ? signature_of(diagnosis) : NULL;

	if (expected || signature) {
		set_options(o, recipe);
		if (!expected)
			recipe_set(recipe, "signature", signature);
		recipe_write(recipe, path, "Saved by sptest deadlock --save.");
		printf("saved: %s\n", path);
	} else {
		printf("nothing is saved as %s: no task was blocked\n", o->save);
	}
	free(signature);
	free(path);
}

struct trial {
	const struct workload_options *o;
	const char *path;	/* of what is saved */
	char *candidate, *log;
};

/* Anew, by a process of its own: a machine, and a run folder. */
static bool still_deadlocks(const struct recipe *recipe, const char *what, void *context)
{
	const struct trial *trial = context;
	const char *const argv[] = { "/proc/self/exe", "deadlock", trial->candidate, "--out", trial->o->run.out, NULL };
	const uint64_t start = clock_ms();
	int status;

	recipe_write(recipe, trial->candidate, "A try of sptest deadlock --minimise.");
	status = proc_run(argv, &(struct proc_options){ .log = trial->log });
	printf("  %-10s %5.0f s  %s\n", status == STATUS_OK ? "deadlock" : status == STATUS_FAILED ? "none" : "impossible",
	       (clock_ms() - start) / 1e3, what);
	fflush(stdout);
	if (status != STATUS_OK)
		return false;
	recipe_write(recipe, trial->path, "Saved by sptest deadlock --save --minimise.");
	return true;
}

void deadlock_save_minimised(const struct workload_options *o, struct recipe *recipe)
{
	struct trial trial = { .o = o };
	char *path = recipe_own_path(o->save);
	unsigned int kept;

	if (!path_exists(path))
		goto out;
	trial.path = path;
	trial.candidate = xasprintf("%s/minimise.candidate", o->run.out);
	trial.log = xasprintf("%s/minimise.log", o->run.out);
	printf("minimising; what the runs say is in %s\n", trial.log);
	kept = recipe_minimise(recipe, still_deadlocks, &trial);
	path_remove_tree(trial.candidate);
	printf("%u times smaller: %s\n", kept, path);
	free(trial.candidate);
	free(trial.log);
out:
	free(path);
}
