// SPDX-License-Identifier: GPL-2.0-only
#include "test-list.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "proc.h"

#define DEFAULT_TIMEOUT_S 60

static bool matches(const char *name, const char *select)
{
	char *globs, *rest, *glob;
	bool found = false;

	if (!select || !*select)
		return true;
	globs = rest = xstrdup(select);
	while (!found && (glob = strsep(&rest, ", "))) {
		const char *slash = strchr(name, '/');
		size_t group = slash - name;

		if (!*glob)
			continue;
		found = !fnmatch(glob, name, 0) || !fnmatch(glob, slash + 1, 0) ||
			(strlen(glob) == group && !strncmp(glob, name, group));
	}
	free(globs);
	return found;
}

static void compile_expected(struct test *test)
{
	json_t *patterns = json_object_get(test->description, "expected"), *pattern;
	size_t i;

	test->expected = xzalloc((json_array_size(patterns) + 1) * sizeof(regex_t));
	json_array_foreach(patterns, i, pattern) {
		const char *text = json_string_value(pattern);

		if (text && !regcomp(&test->expected[test->expected_count], text,
				     REG_EXTENDED | REG_NOSUB))
			test->expected_count++;
		else
			warn("%s: an expected message is no extended regular expression: %s",
			     test->name, text ? text : "(no string)");
	}
}

static bool describe(struct test *test)
{
	const char *const argv[] = { test->program, "--describe", NULL };
	char *text = proc_capture(argv, NULL);
	json_t *value;

	test->description = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	if (!json_is_object(test->description))
		return false;
	value = json_object_get(test->description, "proves");
	test->proves = xstrdup(json_is_string(value) ? json_string_value(value) : "");
	value = json_object_get(test->description, "timeout_s");
	test->timeout_s = json_integer_value(value) > 0 ? json_integer_value(value) :
							  DEFAULT_TIMEOUT_S;
	test->destructive = json_is_true(json_object_get(test->description, "destructive"));
	test->full = json_string_value(json_object_get(test->description, "full"));
	compile_expected(test);
	return true;
}

static void test_free(struct test *test)
{
	for (size_t i = 0; i < test->expected_count; i++)
		regfree(&test->expected[i]);
	free(test->expected);
	json_decref(test->description);
	free(test->proves);
	free(test->program);
	free(test->name);
}

static bool is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

static void add(struct test_list *list, const char *dir, const char *path, const char *select)
{
	struct test test = { .name = xstrdup(path + strlen(dir) + 1), .program = xstrdup(path) };

	if (!is_program(path) || !matches(test.name, select)) {
		test_free(&test);
		return;
	}
	if (!describe(&test)) {
		warn("%s: prints no JSON object for --describe, left out", path);
		test_free(&test);
		return;
	}
	list->tests = xrealloc(list->tests, (list->count + 1) * sizeof(test));
	list->tests[list->count++] = test;
}

void test_list_load(struct test_list *list, const char *dir, const char *select)
{
	char *pattern = xasprintf("%s/*/*", dir);
	glob_t found;

	*list = (struct test_list){ 0 };
	if (access(dir, R_OK | X_OK))
		die(STATUS_USAGE, "%s: %s: no tests there; build them with make", dir,
		    strerror(errno));
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			add(list, dir, found.gl_pathv[i], select);
		globfree(&found);
	}
	free(pattern);
}

void test_list_free(struct test_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		test_free(&list->tests[i]);
	free(list->tests);
	*list = (struct test_list){ 0 };
}

static bool has(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

const char **test_list_modules(const struct test_list *list, size_t *count)
{
	const char **names = xzalloc(sizeof(*names));
	json_t *module;
	size_t i;

	*count = 0;
	for (size_t t = 0; t < list->count; t++) {
		json_array_foreach(json_object_get(list->tests[t].description, "modules"), i, module) {
			const char *name = json_string_value(module);

			if (!name || has(names, *count, name))
				continue;
			names = xrealloc(names, (*count + 1) * sizeof(*names));
			names[(*count)++] = name;
		}
	}
	return names;
}
