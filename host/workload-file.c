// SPDX-License-Identifier: GPL-2.0-only
#include "workload-file.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "conf-values.h"
#include "die.h"

#define GUESTS_MAX 16
#define CPUS_MAX 64
#define IOTHREADS_MAX 16
#define NODE_MAX 1023		/* MAX_NUMNODES of x86 */
#define PLUG_MIB 128		/* a Linux guest takes whole memory blocks (virtio_mem_refresh_config() in drivers/virtio/virtio_mem.c) */
#define HUGEPAGE_MIB 2
#define START_S 300		/* on hardware: to come up, for a last round; a guest that stalls is found sooner */

const char *const workload_file_keys[] = {
	"proves", "guests", "guest", "pattern", "memhog", "swap", "ksm", "disk", "backing", "node", "cpus", "iothreads", "balloon", "hotplug", "numa", "churn", "job",
	"mutant", "signature", "tests", "option", NULL,
};

static const char *const backings[] = { "anonymous", "memfd", "hugepages", "locked", "nosharepages", NULL };

static json_t *jobs_of(const struct conf *conf)
{
	json_t *jobs = json_array();

	conf_must_have(conf, "job");
	for (size_t i = 0; i < conf->count; i++) {
		const struct conf_pair *pair = &conf->pairs[i];

		if (strcmp(pair->key, "job"))
			continue;
		if (!*pair->value)
			conf_refuse(conf, pair, "some text");
		json_array_append_new(jobs, json_string(pair->value));
	}
	return jobs;
}

/* The guest's memory, of which the pattern is a part. */
static void check_memory(const struct conf *conf)
{
	const struct conf_pair *guest = conf_must_have(conf, "guest"), *pattern = conf_find(conf, "pattern");
	const struct conf_pair *balloon = conf_find(conf, "balloon");

	if (!conf_percent(conf, "guest"))
		conf_refuse(conf, guest, "more than nothing");
	if (pattern && conf_percent(conf, "pattern") >= conf_percent(conf, "guest"))
		conf_refuse(conf, pattern, "less than the guest has");
	if (balloon && conf_percent(conf, "balloon") + conf_percent(conf, "pattern") >= conf_percent(conf, "guest"))
		conf_refuse(conf, balloon, "less than the guest has beside its pattern");
	if (balloon && !conf_percent(conf, "balloon"))
		conf_refuse(conf, balloon, "more than nothing");
	if (balloon && conf_find(conf, "hotplug"))
		conf_refuse(conf, balloon, "that or hotplug");
}

/* Of guests that are equal; with a disk there can be only one. */
static unsigned int guests_of(const struct conf *conf)
{
	const struct conf_pair *pair = conf_find(conf, "guests");
	unsigned int count = conf_count(conf, "guests", GUESTS_MAX);

	if (pair && count > 1 && conf_find(conf, "disk"))
		conf_refuse(conf, pair, "1, as there is one disk,");
	return count ? count : 1;
}

/* Nodes are counted from 0. */
static void add_node(json_t *plan, const struct conf *conf)
{
	const struct conf_pair *pair = conf_find(conf, "node");
	unsigned long node;
	char *end;

	if (!pair)
		return;
	node = strtoul(pair->value, &end, 10);
	if (!isdigit((unsigned char)*pair->value) || *end || node > NODE_MAX)
		conf_refuse(conf, pair, "the number of a NUMA node");
	json_object_set_new(plan, pair->key, json_integer(node));
}

/* In whole units of so many MiB; returns how much it is. */
static unsigned int add_share(json_t *plan, const struct conf *conf, const char *what, const struct workload_scale *scale,
			      unsigned int unit)
{
	unsigned int mib = scale->host_mib * conf_percent(conf, what) / 100;
	char *key = xasprintf("%s_mib", what);

	mib -= mib % unit;
	json_object_set_new(plan, key, json_integer(mib));
	free(key);
	return mib;
}

/* What is shared is no part of a guest that is saved. */
static bool churns(const struct conf *conf)
{
	const struct conf_pair *pair = conf_find(conf, "churn"), *backing = conf_find(conf, "backing");
	const bool churn = conf_is_word(conf, "churn", "on", "off");

	if (churn && backing && (!strcmp(backing->value, "memfd") || !strcmp(backing->value, "hugepages")))
		conf_refuse(conf, backing, "memory that is private, for churn,");
	if (churn && (conf_find(conf, "balloon") || conf_find(conf, "hotplug") || conf_find(conf, "numa") ||
		      conf_find(conf, "disk")))
		conf_refuse(conf, pair, "no balloon, hotplug, numa or disk beside it");
	return churn;
}

static json_t *plan_of(const struct conf *conf, const struct workload_choice *choice)
{
	static const char *const shares[] = { "pattern", "memhog", "swap", "disk", "balloon" };
	const struct workload_scale *scale = choice->scale;
	json_t *plan;

	check_memory(conf);
	plan = json_pack("{s:s, s:i, s:i, s:b, s:b, s:b, s:s, s:i, s:i, s:i, s:o}", "scale", scale->name, "host_mib",
			 (int)scale->host_mib, "seconds",
			 (int)(choice->duration_s ? choice->duration_s : scale->seconds),
			 "ksm", conf_is_word(conf, "ksm", "on", "off"), "numa", conf_is_word(conf, "numa", "on", "off"),
			 "churn", churns(conf),
			 "backing", conf_one_of(conf, "backing", backings), "guests", (int)guests_of(conf),
			 "cpus", (int)(conf_count(conf, "cpus", CPUS_MAX) ?: 1),
			 "iothreads", (int)conf_count(conf, "iothreads", IOTHREADS_MAX), "jobs", jobs_of(conf));
	add_node(plan, conf);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++)
		add_share(plan, conf, shares[i], scale, 1);
	add_share(plan, conf, "guest", scale, HUGEPAGE_MIB);
	if (!add_share(plan, conf, "hotplug", scale, PLUG_MIB) && conf_find(conf, "hotplug"))
		conf_refuse(conf, conf_find(conf, "hotplug"), "128 MiB or more");
	return plan;
}

/* Of a deadlock: the defect that makes it, and how it shows in who waits for what; any other hang is not it. */
static void add_defect(json_t *description, const struct conf *conf)
{
	const struct conf_pair *mutant = conf_find(conf, "mutant"), *signature = conf_must_have(conf, "signature");
	regex_t regex;

	if (regcomp(&regex, signature->value, REG_EXTENDED | REG_NOSUB))
		conf_refuse(conf, signature, "an extended regular expression");
	regfree(&regex);
	if (mutant)
		json_object_set_new(description, mutant->key, json_string(mutant->value));
	json_object_set_new(description, signature->key, json_string(signature->value));
}

/* A deadlock that a selftest makes; nothing is said of guests then. */
static json_t *describe_selftest(const struct conf *conf, const char *group, const char *name)
{
	static const char *const wanted[] = { "proves", "mutant", "signature", "tests", "option", NULL };

	for (size_t i = 0; i < conf->count; i++) {
		const char *const *key = wanted;

		while (*key && strcmp(*key, conf->pairs[i].key))
			key++;
		if (!*key)
			conf_refuse(conf, &conf->pairs[i], "no such line beside \"tests = \"");
	}
	return json_pack("{s:s, s:s, s:s, s:s}", "name", name, "group", group, "proves",
			 conf_must_have(conf, "proves")->value, "tests", conf_must_have(conf, "tests")->value);
}

static json_t *describe_guests(const struct conf *conf, const char *group, const char *name,
			       const struct workload_choice *choice)
{
	unsigned int seconds = choice->duration_s ? choice->duration_s : choice->scale->seconds;
	json_t *plan = plan_of(conf, choice);

	return json_pack("{s:s, s:s, s:s, s:i, s:[s, s, s, s, s], s:[], s:o}", "name", name, "group", group, "proves",
			 conf_must_have(conf, "proves")->value, "timeout_s",
			 (int)(seconds + START_S * guests_of(conf)), "modules", "kvm_amd", "kvm_intel", "isofs",
			 "lzo-rle", "zram", "expected", "plan", plan);
}

json_t *workload_file_read(const char *path, const char *group, const char *name,
			   const struct workload_choice *choice, bool defect)
{
	const struct conf_pair *option;
	json_t *description;
	struct conf conf;
	int err = conf_load(&conf, path, workload_file_keys);

	if (err)
		die(STATUS_USAGE, "%s: %s", path, strerror(-err));
	conf_check_repeated(&conf, (const char *const[]){ "job", "option", NULL });
	option = conf_find(&conf, "option");
	if (option && !defect)
		conf_refuse(&conf, option, "a deadlock's file");
	if (defect && conf_find(&conf, "tests"))
		description = describe_selftest(&conf, group, name);
	else
		description = describe_guests(&conf, group, name, choice);
	if (defect)
		add_defect(description, &conf);
	conf_free(&conf);
	return description;
}
