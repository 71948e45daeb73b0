// SPDX-License-Identifier: GPL-2.0-only
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "die.h"
#include "path.h"
#include "results/run-folder.h"
#include "workload-run.h"

#define KERNEL "mutants-6.12"
/* On hardware. Who deadlocks does so within seconds; the rest is for the detectors. */
#define TIMEOUT_S 40

static const char usage[] =
	"Usage: sptest deadlock NAME|FILE [OPTIONS]\n\n"
	"Puts a defect into a kernel and a Linux guest to work until the host machine deadlocks, then\n"
	"says who waits where. On a kernel without the defect: does it get through the same load?\n\n"
	"  --list           the deadlocks; with --json: all of each\n"
	"  --kernel K       default: " KERNEL ", whose defects can be switched on\n"
	WORKLOAD_OPTIONS_HELP
	"\nWithout --append the defect is switched on by \"mutants=NAME\"; a kernel without it takes no notice.\n"
	"Exit status: 0 the deadlock came with its signature, 1 it did not, else as of sptest run.\n\n"
	"Example: sptest deadlock i-mmap-2008\n"
	"         sptest deadlock i-mmap-2008 --kernel 6.12\n";

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

/* What the newest run folder has of it. */
static int conclude(const struct workload_options *o, const struct test *test)
{
	const char *signature = json_string_value(json_object_get(test->description, "signature"));
	char *folder = xstrdup(test->name), *path, *page;
	int status = STATUS_FAILED;

	for (char *s = folder; (s = strchr(s, '/'));)
		*s = '-';
	path = xasprintf("%s/latest/tests/%s/" RUN_DIAGNOSIS, o->run.out, folder);
	page = file_read(path, NULL);
	if (!page) {
		printf("no deadlock: the machine did not have to be asked who waits\n");
	} else if (matches(signature, page)) {
		printf("deadlock, with its signature; who waits where (%s):\n%s", path, page);
		status = STATUS_OK;
	} else {
		printf("no deadlock as expected (%s); who waits where (%s):\n%s", signature, path, page);
	}
	free(page);
	free(path);
	free(folder);
	return status;
}

static int reproduce(struct workload_options *o, struct test_list *list, int argc, char **argv)
{
	const struct test *test = &list->tests[0];
	const char *mutant = json_string_value(json_object_get(test->description, "mutant"));
	char *append = xasprintf("mutants=%s", mutant);
	int status;

	if (!o->run.machine.append)
		o->run.machine.append = append;
	if (!o->run.machine.kernel) {
		o->run.machine.kernel = KERNEL;
		if (!o->run.supervisor.timeout_s)
			o->run.supervisor.timeout_s = TIMEOUT_S;
	}
	o->run.machine.tests = test->name;
	status = workload_run(o, list, argc, argv);
	if (status == STATUS_FAILED || status == STATUS_OK)
		status = conclude(o, test);
	free(append);
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
	workload_list_load(&list, "deadlocks", name, &o.choice);
	if (!o.list && (!name || list.count != 1))
		die(STATUS_USAGE, "%s: the name of one deadlock is wanted; sptest deadlock --list has them",
		    name ? name : "deadlock");
	if (o.choice.here)
		die(STATUS_USAGE, "--here: a deadlock needs a machine of its own; it is for workloads");
	if (o.run.repeat > 1)
		die(STATUS_USAGE, "--repeat: one deadlock at a time is judged; it is for workloads");
	if (o.list)
		workload_list_print(&list, o.run.json);
	else
		status = reproduce(&o, &list, argc, argv);
	machine_options_release(&o.run.machine);
	test_list_free(&list);
	return status;
}
