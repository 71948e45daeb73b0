// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "deadlock-save.h"
#include "die.h"
#include "path.h"
#include "results/run-folder.h"
#include "workload-run.h"

#define KERNEL "mutants-6.12"
/* On hardware. Who deadlocks does so within seconds; the rest is for the detectors. */
#define TIMEOUT_S 40

static const char usage[] =
	"Usage: sptest deadlock NAME|FILE [OPTIONS]\n\n"
	"Puts a defect into a kernel and a Linux guest, or a selftest, to work until the host machine\n"
	"deadlocks, then says who waits where. On a kernel without the defect: does it get through the\n"
	"same load?\n\n"
	"  --list           the deadlocks; with --json: all of each\n"
	"  --kernel K       default: " KERNEL ", whose defects can be switched on\n"
	"  --save NAME      keep what deadlocked as a deadlock of your own, with its seed and options, in\n"
	"                   $XDG_CONFIG_HOME/sptest/deadlocks; with a slash: in that file\n"
	"  --minimise       and make it smaller, a run for each try: fewer actors, less memory, shorter\n"
	WORKLOAD_OPTIONS_HELP
	"\nWithout --append the defect is switched on by \"mutants=NAME\"; a kernel without it takes no notice.\n"
	"Exit status: 0 the deadlock came with its signature, 1 it did not, else as of sptest run.\n\n"
	"Example: sptest deadlock i-mmap-2008\n"
	"         sptest deadlock i-mmap-2008 --kernel 6.12\n"
	"         sptest deadlock i-mmap-2008 --pressure khugepaged,memhog --save mine --minimise\n";

static bool matches(const char *pattern, const char *text)
{
	regex_t regex;
	bool found;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		die(STATUS_USAGE, "signature %s: no extended regular expression", pattern);
	found = !regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	return found;
}

/* The diagnosis of the newest run folder, the caller's to free; NULL: the machine did not have to be asked. */
static char *read_page(const struct workload_options *o, const char *test, char **path)
{
	char *folder = xstrdup(test);

	for (char *s = folder; (s = strchr(s, '/'));)
		*s = '-';
	*path = xasprintf("%s/latest/tests/%s/" RUN_DIAGNOSIS, o->run.out, folder);
	free(folder);
	return file_read(*path, NULL);
}

static int conclude(const struct workload_options *o, const struct test *deadlock, const char *test,
		    struct recipe *recipe)
{
	const char *signature = json_string_value(json_object_get(deadlock->description, "signature"));
	char *path, *page = read_page(o, test, &path);
	int status = STATUS_FAILED;

	if (!page) {
		printf("no deadlock: the machine did not have to be asked who waits\n");
	} else if (matches(signature, page)) {
		printf("deadlock, with its signature; who waits where (%s):\n%s", path, page);
		status = STATUS_OK;
	} else {
		printf("no deadlock as expected (%s); who waits where (%s):\n%s", signature, path, page);
	}
	if (o->save)
		deadlock_save(o, recipe, page, status == STATUS_OK);
	free(page);
	free(path);
	return status;
}

static int run_guests(struct workload_options *o, struct test_list *list, int argc, char **argv, bool by_default)
{
	if (by_default && !o->run.supervisor.timeout_s)
		o->run.supervisor.timeout_s = TIMEOUT_S;
	o->run.machine.tests = list->tests[0].name;
	return workload_run(o, list, argc, argv);
}

/* *test becomes its name, the caller's to free. */
static int run_selftest(struct workload_options *o, const char *select, int argc, char **argv, char **test)
{
	char *dir = machine_options_selftests(&o->run.machine);
	struct test_list list;
	int status;

	if (o->choice.pressures || o->choice.duration_s || o->choice.guest_kernel)
		die(STATUS_USAGE, "--pressure, --duration and --guest-kernel are of guests: this deadlock has none");
	test_list_load(&list, dir, select);
	if (list.count != 1)
		die(STATUS_USAGE, "tests = %s: the name of one test is wanted; sptest list has them", select);
	*test = xstrdup(list.tests[0].name);
	o->run.machine.tests = *test;
	status = workload_run_selftests(o, &list, argc, argv);
	test_list_free(&list);
	free(dir);
	return status;
}

static int reproduce(struct workload_options *o, struct test_list *list, struct recipe *recipe, int argc, char **argv)
{
	const struct test *deadlock = &list->tests[0];
	const char *mutant = json_string_value(json_object_get(deadlock->description, "mutant"));
	const char *tests = json_string_value(json_object_get(deadlock->description, "tests"));
	char *append = mutant ? xasprintf("mutants=%s", mutant) : NULL, *test;
	const bool by_default = mutant && !o->run.machine.kernel;
	int status;

	if (!o->run.machine.append)
		o->run.machine.append = append;
	else
		recipe_set_option(recipe, "append", o->run.machine.append);
	if (by_default)
		o->run.machine.kernel = KERNEL;
	if (tests) {
		status = run_selftest(o, tests, argc, argv, &test);
	} else {
		test = xstrdup(deadlock->name);
		status = run_guests(o, list, argc, argv, by_default);
	}
	if (status == STATUS_FAILED || status == STATUS_OK)
		status = conclude(o, deadlock, test, recipe);
	free(test);
	free(append);
	return status;
}

/* The recipe of that name, or of the file; its options come before those of the command line. */
static void take_recipe(struct workload_options *o, const char **name, struct recipe *recipe, int argc, char **argv)
{
	char *path = o->choice.file ? xstrdup(o->choice.file) : recipe_find(*name);
	struct args words = { 0 };

	if (!path)
		die(STATUS_USAGE, "%s: no deadlock of that name; sptest deadlock --list has them", *name);
	recipe_load(recipe, path);
	args_add(&words, "%s", argv[0]);
	recipe_add_options(recipe, &words);
	for (int i = 1; i < argc; i++)
		args_add(&words, "%s", argv[i]);
	workload_options_parse(o, words.count, words.v, usage, name);	/* which keep pointing into words */
	free(path);
}

static int run_deadlock(struct workload_options *o, const char *name, int argc, char **argv)
{
	struct recipe recipe;
	struct test_list list;
	int status;

	if (!name)
		die(STATUS_USAGE, "the name of one deadlock is wanted; sptest deadlock --list has them");
	take_recipe(o, &name, &recipe, argc, argv);
	if (o->choice.here)
		die(STATUS_USAGE, "--here: a deadlock needs a machine of its own; it is for workloads");
	if (o->run.repeat > 1)
		die(STATUS_USAGE, "--repeat: one deadlock at a time is judged; it is for workloads");
	deadlock_save_check(o);
	workload_list_load(&list, "deadlocks", name, &o->choice);
	status = reproduce(o, &list, &recipe, argc, argv);
	if (o->minimise)
		deadlock_save_minimised(o, &recipe);
	test_list_free(&list);
	recipe_free(&recipe);
	return status;
}

int cmd_deadlock(int argc, char **argv)
{
	struct workload_options o;
	struct test_list list;
	int status = STATUS_OK;
	const char *name;

	if (!workload_options_parse(&o, argc, argv, usage, &name))
		return STATUS_OK;
	if (o.list) {
		workload_list_load(&list, "deadlocks", name, &o.choice);
		if (name && !list.count)
			die(STATUS_USAGE, "no deadlock matches %s; sptest deadlock --list names them", name);
		workload_list_print(&list, o.run.json);
		test_list_free(&list);
	} else {
		status = run_deadlock(&o, name, argc, argv);
	}
	machine_options_release(&o.run.machine);
	return status;
}
