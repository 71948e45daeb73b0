// SPDX-License-Identifier: GPL-2.0-only
#include "workload.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "path.h"
#include "pressure.h"
#include "workload-file.h"

static const struct workload_scale scales[] = {
	{ "small", 256, 20 },
	{ "nightly", 1024, 3600 },
	{ "soak", 1024, 30 * 86400 },
};

const struct workload_scale *workload_scale(const char *name)
{
	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++)
		if (!strcmp(scales[i].name, name))
			return &scales[i];
	return NULL;
}

/* No swap, no KSM, and nobody who takes the memory. */
static void leave_host_alone(json_t *plan)
{
	json_object_set_new(plan, "swap_mib", json_integer(0));
	json_object_set_new(plan, "memhog_mib", json_integer(0));
	json_object_set_new(plan, "ksm", json_false());
}

static void add(struct test_list *list, const char *path, const char *group,
		const struct workload_choice *choice)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct test test = {
		.program = path_libexec(choice->here ? "workload-here" : "workload"),
		.description = workload_file_read(path, group, name, choice, !strcmp(group, "deadlock")),
	};

	if (choice->here)
		leave_host_alone(json_object_get(test.description, "plan"));
	if (choice->pressures)
		pressures_add(test.description, choice->pressures, choice->scale);
	test.name = xasprintf("%s/%s", group, json_string_value(json_object_get(test.description, "name")));
	test.proves = xstrdup(json_string_value(json_object_get(test.description, "proves")));
	test.timeout_s = json_integer_value(json_object_get(test.description, "timeout_s"));
	test.two_nodes = json_is_true(json_object_get(json_object_get(test.description, "plan"), "numa"));
	list->tests = xrealloc(list->tests, (list->count + 1) * sizeof(test));
	list->tests[list->count++] = test;
}

static void add_folder(struct test_list *list, const char *dir, const char *group, const char *select,
		       const struct workload_choice *choice)
{
	char *pattern = xasprintf("%s/*", dir);
	glob_t found;

	if (!glob(pattern, 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (!select || !fnmatch(select, strrchr(found.gl_pathv[i], '/') + 1, 0))
				add(list, found.gl_pathv[i], group, choice);
		globfree(&found);
	}
	free(pattern);
}

void workload_list_load(struct test_list *list, const char *folder, const char *select,
			const struct workload_choice *choice)
{
	const char *group = !strcmp(folder, "deadlocks") ? "deadlock" : "workload";
	char *own = path_config(folder), *share = path_share(folder);

	*list = (struct test_list){ 0 };
	if (choice->file) {
		add(list, choice->file, group, choice);
	} else {
		if (!path_exists(share))
			die(STATUS_USAGE, "%s: nothing there: sptest is not completely built or installed", share);
		add_folder(list, share, group, select, choice);
		add_folder(list, own, group, select, choice);
	}
	free(share);
	free(own);
}

void workload_list_print(const struct test_list *list, bool json)
{
	json_t *all = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct test *test = &list->tests[i];

		json_array_append(all, test->description);
		if (!json)
			printf("%-16s %s\n", json_string_value(json_object_get(test->description, "name")),
			       test->proves);
	}
	if (json) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(all);
}

char *workload_plan_write(const struct test *test, const struct machine_config *config, const char *folder)
{
	char *path = xasprintf("%s/plan.json", folder), *text;
	json_t *plan = json_deep_copy(json_object_get(test->description, "plan"));
	int err;

	json_object_set_new(plan, "here", json_pack("{s:s, s:s, s:s, s:b}", "kernel", config->guest_kernel, "initrd",
						    config->initrd, "image", config->disk, "kvm", config->accel.kvm));
	text = json_dumps(plan, JSON_INDENT(2));
	err = file_write(path, text, strlen(text), 0644);
	if (err)
		die(STATUS_HARNESS, "%s: %s", path, strerror(-err));
	free(text);
	json_decref(plan);
	return path;
}
