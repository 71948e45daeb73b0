// SPDX-License-Identifier: GPL-2.0-only
#include "workload.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "path.h"

#define START_S 300		/* on hardware: to come up, for a last round; a guest that stalls is found sooner */

static const struct workload_scale scales[] = {
	{ "small", 256, 20 },
	{ "nightly", 1024, 3600 },
	{ "soak", 1024, 30 * 86400 },
};

static const char *const keys[] = {
	"proves", "guest", "pattern", "memhog", "swap", "ksm", "disk", "backing", "job",
	"mutant", "signature", NULL,
};

const struct workload_scale *workload_scale(const char *name)
{
	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++)
		if (!strcmp(scales[i].name, name))
			return &scales[i];
	return NULL;
}

/* "150 %" of the host's memory, as MiB; 0 where the file does not say. */
static json_t *share_of(const struct conf *conf, const char *key, unsigned int host_mib)
{
	const char *text = conf_get(conf, key);
	unsigned long percent;
	char *end;

	if (!text)
		return json_integer(0);
	percent = strtoul(text, &end, 10);
	if (end == text || strcmp(end, " %") || percent > 1000)
		die(STATUS_USAGE, "%s: %s = %s: a percentage is wanted, like \"150 %%\"", conf->path, key,
		    text);
	return json_integer(host_mib * percent / 100);
}

/* One of two words. */
static bool is_word(const struct conf *conf, const char *key, const char *yes, const char *no)
{
	const char *text = conf_get(conf, key);

	if (text && strcmp(text, yes) && strcmp(text, no))
		die(STATUS_USAGE, "%s: %s = %s: %s or %s is wanted", conf->path, key, text, yes, no);
	return text && !strcmp(text, yes);
}

static json_t *jobs_of(const struct conf *conf)
{
	json_t *jobs = json_array();

	for (size_t i = 0; i < conf->count; i++)
		if (!strcmp(conf->pairs[i].key, "job"))
			json_array_append_new(jobs, json_string(conf->pairs[i].value));
	if (!json_array_size(jobs))
		die(STATUS_USAGE, "%s: no job", conf->path);
	return jobs;
}

static json_t *plan_of(const struct conf *conf, const struct workload_scale *scale)
{
	const unsigned int mib = scale->host_mib;

	return json_pack("{s:s, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o}", "scale", scale->name,
			 "host_mib", (int)mib, "seconds", (int)scale->seconds,
			 "guest_mib", share_of(conf, "guest", mib),
			 "pattern_mib", share_of(conf, "pattern", mib),
			 "memhog_mib", share_of(conf, "memhog", mib),
			 "swap_mib", share_of(conf, "swap", mib),
			 "disk_mib", share_of(conf, "disk", mib),
			 "ksm", is_word(conf, "ksm", "on", "off"),
			 "memfd", is_word(conf, "backing", "memfd", "anonymous"), "jobs", jobs_of(conf));
}

/* Of a deadlock: the defect that makes it, and how it shows in who waits for what; any other hang is not it. */
static void add_defect(struct test *test, const struct conf *conf)
{
	static const char *const names[] = { "mutant", "signature" };

	for (size_t i = 0; i < 2; i++) {
		const char *value = conf_get(conf, names[i]);

		if (value)
			json_object_set_new(test->description, names[i], json_string(value));
		else if (!strncmp(test->name, "deadlock/", 9))
			die(STATUS_USAGE, "%s: no line \"%s = \"", conf->path, names[i]);
	}
}

static void add(struct test_list *list, const char *path, const char *group, const char *name,
		const struct workload_scale *scale)
{
	struct conf conf;
	struct test test = { .name = xasprintf("%s/%s", group, name) };
	int err = conf_load(&conf, path, keys);

	if (err)
		die(STATUS_USAGE, "%s: %s", path, strerror(-err));
	if (!conf_get(&conf, "proves"))
		die(STATUS_USAGE, "%s: no line \"proves = \"", path);
	test.program = path_libexec("workload");
	test.proves = xstrdup(conf_get(&conf, "proves"));
	test.timeout_s = scale->seconds + START_S;
	test.description = json_pack("{s:s, s:s, s:s, s:i, s:[s, s, s, s, s], s:[], s:o}", "name", name,
				     "group", group, "proves", test.proves, "timeout_s",
				     (int)test.timeout_s, "modules", "kvm_amd", "kvm_intel", "isofs", "lzo-rle",
				     "zram",
				     "expected", "plan", plan_of(&conf, scale));
	add_defect(&test, &conf);
	list->tests = xrealloc(list->tests, (list->count + 1) * sizeof(test));
	list->tests[list->count++] = test;
	conf_free(&conf);
}

void workload_list_load(struct test_list *list, const char *folder, const char *select,
			const struct workload_scale *scale)
{
	char *dir = path_share(folder), *pattern = xasprintf("%s/*", dir);
	const char *group = !strcmp(folder, "deadlocks") ? "deadlock" : "workload";
	glob_t found;

	*list = (struct test_list){ 0 };
	if (glob(pattern, 0, NULL, &found))
		die(STATUS_USAGE, "%s: nothing there: sptest is not completely built or installed", dir);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;

		if (!select || !fnmatch(select, name, 0))
			add(list, found.gl_pathv[i], group, name, scale);
	}
	globfree(&found);
	free(pattern);
	free(dir);
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
