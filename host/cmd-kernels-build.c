// SPDX-License-Identifier: GPL-2.0-only
/* sptest kernels build: kernels of a flavour, from source. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd-kernels.h"
#include "die.h"
#include "flavour.h"
#include "kernel-build.h"
#include "kernel-list.h"
#include "kernel.h"
#include "proc.h"

static void show(const char *name, const struct kernel *kernel)
{
	printf("%s: %s, %s\n  %s\n", name, kernel->release, kernel->source, kernel->image);
	fflush(stdout);
}

static void build_word(const char *word)
{
	struct kernel_list list;
	struct kernel kernel = { 0 };

	kernel_list_load(&list);
	if (!kernel_build_word(&kernel, word, &list))
		die(STATUS_USAGE, "%s: no flavour and version such as debug-6.12: see sptest kernels list",
		    word);
	show(word, &kernel);
	kernel_release(&kernel);
	kernel_list_free(&list);
}

static void build_commit(const char *flavour, const char *tree, const char *commit)
{
	struct kernel kernel = { 0 };

	kernel_build_source(&kernel, flavour, tree, commit);
	show(flavour, &kernel);
	kernel_release(&kernel);
}

/* A..B, oldest first. */
static void build_range(const char *flavour, const char *tree, const char *range)
{
	const char *argv[] = { "git", "-C", tree, "rev-list", "--reverse", range, NULL };
	char *commits = proc_capture(argv, NULL), *rest = commits, *commit;

	if (!commits || !*commits)
		die(STATUS_USAGE, "%s: no commits of the git tree %s", range, tree);
	while ((commit = strsep(&rest, "\n")))
		if (*commit)
			build_commit(flavour, tree, commit);
	free(commits);
}

int kernels_build(char **names, const char *tree, const char *commit)
{
	if (!*names || (commit && !tree))
		die(STATUS_USAGE, "kernels build: %s; see sptest kernels --help",
		    *names ? "--commit goes with --tree" : "name a kernel, as in debug-6.12");
	for (; *names; names++)
		if (!tree)
			build_word(*names);
		else if (commit && strstr(commit, ".."))
			build_range(*names, tree, commit);
		else
			build_commit(*names, tree, commit);
	return STATUS_OK;
}
