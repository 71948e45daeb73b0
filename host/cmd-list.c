// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "die.h"
#include "machine-options.h"
#include "test-list.h"

enum form { FORM_TABLE, FORM_JSON, FORM_NAMES };

static const char usage[] =
	"Usage: sptest list [OPTIONS] [GLOBS]\n\n"
	"The tests: name, what each needs, what it proves, what of it only full runs have and why.\n\n"
	"  --json           everything that the tests say of themselves\n"
	"  --names          names only, one a line\n"
	"  --selftests DIR  tests of another folder, DIR/GROUP/NAME\n\n"
	"Example: sptest list 'cow/*'\n";

static void print_json(const struct test_list *list)
{
	json_t *all = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append(all, list->tests[i].description);
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static void print_needs(const struct test *test)
{
	json_t *need;
	size_t i;

	json_array_foreach(json_object_get(test->description, "needs"), i, need)
		printf("%s%s", i ? ", " : "", json_is_string(need) ? json_string_value(need) : "?");
}

static void print_full(const struct test *test, int indent)
{
	const char *name;
	json_t *reason;

	if (test->full) {
		printf("%*s  only with --full: %s\n", indent, "", test->full);
		return;
	}
	json_object_foreach(json_object_get(test->description, "full_cases"), name, reason)
		printf("%*s  only with --full: %s: %s\n", indent, "", name,
		       json_is_string(reason) ? json_string_value(reason) : "?");
}

static void print_table(const struct test_list *list)
{
	int width = 0;

	for (size_t i = 0; i < list->count; i++)
		if ((int)strlen(list->tests[i].name) > width)
			width = strlen(list->tests[i].name);
	for (size_t i = 0; i < list->count; i++) {
		printf("%-*s  %s\n%*s  needs: ", width, list->tests[i].name, list->tests[i].proves,
		       width, "");
		print_needs(&list->tests[i]);
		printf("%s\n", list->tests[i].destructive ? "; destructive" : "");
		print_full(&list->tests[i], width);
	}
}

static void print(const struct test_list *list, enum form form)
{
	if (form == FORM_JSON)
		print_json(list);
	else if (form == FORM_TABLE)
		print_table(list);
	else
		for (size_t i = 0; i < list->count; i++)
			puts(list->tests[i].name);
}

int cmd_list(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "names", no_argument, NULL, 'n' },
		MACHINE_OPTIONS_LONG,
		{ 0 },
	};
	struct machine_options machine = MACHINE_OPTIONS_DEFAULT;
	enum form form = FORM_TABLE;
	struct test_list list;
	char *dir;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		if (opt == 'j')
			form = FORM_JSON;
		else if (opt == 'n')
			form = FORM_NAMES;
		else if (!machine_options_take(&machine, opt, optarg))
			return STATUS_USAGE;
	}
	dir = machine_options_selftests(&machine);
	test_list_load(&list, dir, optind < argc ? argv[optind] : machine.tests);
	free(dir);
	if (!list.count)
		warn("no test matches; sptest list names them all");
	print(&list, form);
	opt = list.count ? STATUS_OK : STATUS_USAGE;
	test_list_free(&list);
	return opt;
}
