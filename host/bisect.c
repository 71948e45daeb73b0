// SPDX-License-Identifier: GPL-2.0-only
#include "bisect.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "die.h"
#include "path.h"
#include "proc.h"
#include "supervisor.h"

struct bisect {
	const struct bisect_options *options;
	const char *folder;
	char *git;		/* a clone that shares the tree's objects: the tree itself stays as it is */
	char *log;		/* what builds and runs say */
	char *built;		/* what the build under way says */
};

/* What git says in the clone, without its last newline; NULL: it failed. */
static char *git(const struct bisect *bisect, const char *const words[])
{
	const char *argv[16] = { "git", "-C", bisect->git };
	char *text;
	size_t end;

	for (size_t i = 0; words[i]; i++)
		argv[3 + i] = words[i];
	text = proc_capture(argv, NULL);
	end = text ? strlen(text) : 0;
	if (end && text[end - 1] == '\n')
		text[end - 1] = '\0';
	return text;
}

#define GIT(bisect, ...) git(bisect, (const char *const[]){ __VA_ARGS__, NULL })

static char *find_commit(const char *tree, const char *name)
{
	char *spec = xasprintf("%s^{commit}", name), *commit;
	const char *const argv[] = { "git", "-C", tree, "rev-parse", "--quiet", "--verify", spec, NULL };

	commit = proc_capture(argv, NULL);
	if (!commit)
		die(STATUS_USAGE, "%s: no commit of the git tree %s", name, tree);
	commit[strcspn(commit, "\n")] = '\0';
	free(spec);
	return commit;
}

static void make_clone(struct bisect *bisect, const char *good, const char *bad)
{
	const char *const argv[] = { "git", "clone", "--quiet", "--shared", "--no-checkout",
				     bisect->options->tree, bisect->git, NULL };
	char *said;

	if (proc_run(argv, &(struct proc_options){ .log = bisect->log }))
		die(STATUS_HARNESS, "%s cannot be cloned: see %s", bisect->options->tree, bisect->log);
	said = GIT(bisect, "merge-base", "--is-ancestor", good, bad);
	if (!said)
		die(STATUS_USAGE, "%s does not come before %s: say which commit is --good, which is --bad",
		    bisect->options->good, bisect->options->bad);
	free(said);
	said = GIT(bisect, "bisect", "start", "--no-checkout", bad, good);
	if (!said)
		die(STATUS_HARNESS, "git bisect does not start in %s", bisect->git);
	free(said);
}

/* A build may end sptest with its one line, so that it has a process of its own. NULL: it failed. */
static char *build(const struct bisect *bisect, const char *commit)
{
	const char *const argv[] = { "/proc/self/exe", "kernels", "build", "--tree", bisect->options->tree,
				     "--commit", commit, bisect->options->flavour, NULL };
	char *text, *image = NULL;

	unlink(bisect->built);
	if (!proc_run(argv, &(struct proc_options){ .log = bisect->built })) {
		text = file_read(bisect->built, NULL);
		image = text ? strstr(text, "\n  /") : NULL;	/* the last line of the two that name it */
		image = image ? strndup(image + 3, strcspn(image + 3, "\n")) : NULL;
		free(text);
	}
	return image;
}

static void add_tests(struct args *args, const struct bisect *bisect, const char *image)
{
	const struct bisect_options *options = bisect->options;

	args_add(args, "/proc/self/exe");
	args_add(args, "run");
	args_add_option(args, "kernel", image);
	args_add_option(args, "tests", options->tests);
	args_add_option(args, "selftests", options->selftests);
	args_add_option(args, "mmu", options->mmu);
	args_add_option(args, "accel", options->accel);
	args_add_option(args, "seed", options->seed);
	args_add(args, "--out=%s/runs", bisect->folder);
	if (options->full)
		args_add(args, "--full");
}

/* Statuses as those of git bisect run: 0 good, 125 cannot be judged, other ones below 128 bad. */
static int judge_by_command(const struct bisect *bisect, const char *image)
{
	struct args args = { 0 };
	int status;

	for (char **word = bisect->options->command; *word; word++)
		args_add(&args, "%s", *word);
	args_add(&args, "%s", image);
	status = proc_run((const char *const *)args.v, &(struct proc_options){ .log = bisect->log });
	if (status < 0 || status == 126 || status == 127)
		die(STATUS_HARNESS, "%s: it cannot be run: see the end of %s", args.v[0], bisect->log);
	if (status >= 128)
		die(STATUS_HARNESS, "%s: killed by signal %d", args.v[0], status - 128);
	args_free(&args);
	return status;
}

/* Did the last run's machine come up? Where it did not, all tests say so, and no test judged anything. */
static bool has_booted(const struct bisect *bisect)
{
	char *path = xasprintf("%s/runs/latest/summary.json", bisect->folder);
	json_t *summary = json_load_file(path, 0, NULL), *test;
	bool booted = false;
	size_t i;

	json_array_foreach(json_object_get(summary, "tests"), i, test) {
		const char *reason = json_string_value(json_object_get(test, "reason"));

		booted |= !reason || strncmp(reason, NO_MACHINE, strlen(NO_MACHINE));
	}
	json_decref(summary);
	free(path);
	return booted;
}

static int judge_by_tests(const struct bisect *bisect, const char *image)
{
	struct args args = { 0 };
	int status;

	add_tests(&args, bisect, image);
	status = proc_run((const char *const *)args.v, &(struct proc_options){ .log = bisect->log });
	args_free(&args);
	if (status == STATUS_USAGE)
		die(STATUS_USAGE, "the tests do not start: see the end of %s", bisect->log);
	if (status == STATUS_FAILED && !has_booted(bisect))
		return 125;
	return status == STATUS_OK || status == STATUS_FAILED ? status : 125;
}

/* "good", "bad" or "skip" */
static const char *judge(const struct bisect *bisect, const char *commit)
{
	char *image, *line = GIT(bisect, "log", "-1", "--format=%h %s", commit);
	const char *verdict = "skip";
	int status;

	note("%s: building", line);
	image = build(bisect, commit);
	if (image) {
		note("%s: testing", line);
		status = bisect->options->command ? judge_by_command(bisect, image) :
						    judge_by_tests(bisect, image);
		verdict = status == 125 ? "skip" : status ? "bad" : "good";
	}
	printf("%-4s  %s%s\n", verdict, line, image ? "" : " (does not build)");
	free(image);
	free(line);
	return verdict;
}

/* Else all that follows would be for nothing. */
static bool ends_hold(const struct bisect *bisect, const char *good, const char *bad)
{
	if (strcmp(judge(bisect, bad), "bad")) {
		warn("%s is not bad: nothing to look for", bisect->options->bad);
		return false;
	}
	if (strcmp(judge(bisect, good), "good")) {
		warn("%s is not good: take an older one", bisect->options->good);
		return false;
	}
	return true;
}

static void save_log(const struct bisect *bisect)
{
	char *log = GIT(bisect, "bisect", "log"), *path = xasprintf("%s/bisect.log", bisect->folder);

	if (log && file_write(path, log, strlen(log), 0644))
		warn("%s: %s", path, strerror(errno));
	free(path);
	free(log);
}

/* git exits with 2 when only skipped commits are left, and says the first bad one otherwise. */
static int narrow(const struct bisect *bisect)
{
	for (;;) {
		char *commit = GIT(bisect, "rev-parse", "BISECT_HEAD"), *said;
		const char *verdict = judge(bisect, commit);

		said = GIT(bisect, "bisect", verdict, commit);
		save_log(bisect);
		free(commit);
		if (!said) {
			warn("only commits that cannot be judged are left: see %s/bisect.log", bisect->folder);
			return STATUS_FAILED;
		}
		if (strstr(said, " is the first bad commit")) {
			puts(said);
			free(said);
			return STATUS_OK;
		}
		free(said);
	}
}

int bisect_run(const struct bisect_options *options, const char *folder)
{
	char *good = find_commit(options->tree, options->good);
	char *bad = find_commit(options->tree, options->bad);
	struct bisect bisect = {
		.options = options,
		.folder = folder,
		.git = xasprintf("%s/git", folder),
		.log = xasprintf("%s/log", folder),
		.built = xasprintf("%s/build.log", folder),
	};
	int status = STATUS_FAILED;

	make_clone(&bisect, good, bad);
	if (options->trust || ends_hold(&bisect, good, bad))
		status = narrow(&bisect);
	path_remove_tree(bisect.git);
	note("everything is in %s", folder);
	free(bisect.built);
	free(bisect.log);
	free(bisect.git);
	free(bad);
	free(good);
	return status;
}
