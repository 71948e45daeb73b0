// SPDX-License-Identifier: GPL-2.0-only
#include "pressure.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf-values.h"
#include "die.h"
#include "path.h"

static const char *const keys[] = { "why", "set", "each-second", "memhog", "high", "vmm", NULL };
static const char *const lists[] = { "set", "each-second", NULL };
static const char *const acts[] = { "fork", "punch", "memslots", NULL };

static void load(struct conf *conf, const char *path)
{
	if (conf_load(conf, path, keys))
		die(STATUS_USAGE, "%s: cannot be read", path);
	conf_check_repeated(conf, lists);
	conf_must_have(conf, "why");
}

/* "PATH VALUE" */
static json_t *setting_of(const struct conf *conf, const struct conf_pair *pair)
{
	const char *space = strchr(pair->value, ' ');

	if (*pair->value != '/' || !space)
		conf_refuse(conf, pair, "a file of /proc or /sys, and what is written to it,");
	return json_pack("[s%, s]", pair->value, (size_t)(space - pair->value), space + 1);
}

static void add_settings(json_t *plan, const struct conf *conf, const char *key)
{
	json_t *list = json_object_get(plan, key);

	if (!list) {
		list = json_array();
		json_object_set_new(plan, key, list);
	}
	for (size_t i = 0; i < conf->count; i++)
		if (!strcmp(conf->pairs[i].key, key))
			json_array_append_new(list, setting_of(conf, &conf->pairs[i]));
}

static void add_memhog(json_t *plan, const struct conf *conf, const struct workload_scale *scale)
{
	json_int_t mib = scale->host_mib * conf_percent(conf, "memhog") / 100;

	if (mib > json_integer_value(json_object_get(plan, "memhog_mib")))
		json_object_set_new(plan, "memhog_mib", json_integer(mib));
}

/* The lowest of all limits. */
static void add_high(json_t *plan, const struct conf *conf, const struct workload_scale *scale)
{
	const struct conf_pair *high = conf_find(conf, "high");
	const json_int_t mib = scale->host_mib * conf_percent(conf, "high") / 100;
	const json_t *before = json_object_get(plan, "high_mib");

	if (high && !mib)
		conf_refuse(conf, high, "more than nothing");
	if (mib && (!before || mib < json_integer_value(before)))
		json_object_set_new(plan, "high_mib", json_integer(mib));
}

/*
 * fork() copies no page table of shared memory, and only that has a file to punch holes into; of hugetlb memory QEMU punches
 * whole huge pages only, and guests report less.
 */
static void check_backing(const json_t *description, const char *pressure, const char *act)
{
	const char *backing = json_string_value(json_object_get(json_object_get(description, "plan"), "backing"));
	const bool shared = !strcmp(backing, "memfd") || !strcmp(backing, "hugepages");

	if (!strcmp(act, "punch") && strcmp(backing, "memfd"))
		die(STATUS_USAGE, "--pressure %s: %s has %s memory, into which QEMU punches no holes: backing = memfd is wanted", pressure,
		    json_string_value(json_object_get(description, "name")), backing);
	if (!strcmp(act, "fork") && shared)
		die(STATUS_USAGE, "--pressure %s: %s has shared memory, of which fork() copies nothing: "
		    "backing = anonymous, locked or nosharepages is wanted", pressure,
		    json_string_value(json_object_get(description, "name")));
}

static void add_act(json_t *description, const struct conf *conf, const char *pressure)
{
	json_t *plan = json_object_get(description, "plan"), *all = json_object_get(plan, "vmm");
	const char *act;

	if (!conf_find(conf, "vmm"))
		return;
	act = conf_one_of(conf, "vmm", acts);
	if (json_is_true(json_object_get(plan, "churn")))
		die(STATUS_USAGE, "--pressure %s: %s has no VMM that stays: leave one of both out", pressure,
		    json_string_value(json_object_get(description, "name")));
	check_backing(description, pressure, act);
	if (!all) {
		all = json_object();
		json_object_set_new(plan, "vmm", all);
	}
	json_object_set_new(all, act, json_true());
}

static void add_file(json_t *description, const char *path, const char *name, const struct workload_scale *scale)
{
	json_t *plan = json_object_get(description, "plan");
	struct conf conf;
	char *whole;

	load(&conf, path);
	for (size_t i = 0; lists[i]; i++)
		add_settings(plan, &conf, lists[i]);
	add_memhog(plan, &conf, scale);
	add_high(plan, &conf, scale);
	add_act(description, &conf, name);
	conf_free(&conf);
	whole = xasprintf("%s.%s", json_string_value(json_object_get(description, "name")), name);
	json_object_set_new(description, "name", json_string(whole));
	free(whole);
}

/* No path: what is not of share/pressures has no name that results could be known by. */
static bool is_name(const char *name)
{
	const char *c = name;

	while (isalnum((unsigned char)*c) || *c == '-')
		c++;
	return *name && !*c;
}

static void add(json_t *description, const char *name, const struct workload_scale *scale)
{
	char *folder = path_share("pressures"), *path = xasprintf("%s/%s", folder, name);

	if (!is_name(name) || !path_exists(path))
		die(STATUS_USAGE, "--pressure %s: there is none of that name; sptest workload --list names them", name);
	add_file(description, path, name, scale);
	free(path);
	free(folder);
}

void pressures_add(json_t *description, const char *names, const struct workload_scale *scale)
{
	char *copy = xstrdup(names), *rest = copy, *name;

	while ((name = strsep(&rest, ",")))
		add(description, name, scale);
	free(copy);
}

void pressures_print(void)
{
	char *folder = path_share("pressures"), *pattern = xasprintf("%s/*", folder);
	glob_t found;

	if (glob(pattern, 0, NULL, &found))
		die(STATUS_USAGE, "%s: nothing there: sptest is not completely built or installed", folder);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct conf conf;

		load(&conf, found.gl_pathv[i]);
		printf("%-16s %s\n", strrchr(found.gl_pathv[i], '/') + 1, conf_get(&conf, "why"));
		conf_free(&conf);
	}
	globfree(&found);
	free(pattern);
	free(folder);
}
