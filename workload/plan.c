// SPDX-License-Identifier: GPL-2.0-only
#include "workload/plan.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"

#define PLANS "/plans"

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static bool read_backing(struct plan *plan, const char *word, json_error_t *error)
{
	static const char *const words[] = {
		[BACKING_ANONYMOUS] = "anonymous", [BACKING_MEMFD] = "memfd", [BACKING_HUGEPAGES] = "hugepages",
		[BACKING_LOCKED] = "locked", [BACKING_NOSHAREPAGES] = "nosharepages",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], word)) {
			plan->backing = i;
			return true;
		}
	snprintf(error->text, sizeof(error->text), "backing %s is none", word);
	return false;
}

bool plan_read(struct plan *plan, json_error_t *error)
{
	const char *backing;

	plan->node = -1;
	return !json_unpack_ex(
		plan->root, error, 0,
		"{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:b, s?b, s?b, s:s, s:i, s:i, s:i, s?i, s:i, s:i, s:o, s?o, s?o, s?i,"
		" s?{s?b, s?b, s?b}, s?{s:s, s:s, s:s, s:b}}",
		"host_mib", &plan->host_mib, "guest_mib", &plan->guest_mib,
		"pattern_mib", &plan->pattern_mib, "memhog_mib", &plan->memhog_mib,
		"swap_mib", &plan->swap_mib, "disk_mib", &plan->disk_mib, "seconds", &plan->seconds,
		"ksm", &plan->ksm, "numa", &plan->numa, "churn", &plan->churn, "backing", &backing, "guests", &plan->guests,
		"cpus", &plan->cpus, "iothreads", &plan->iothreads, "node", &plan->node,
		"balloon_mib", &plan->balloon_mib, "hotplug_mib", &plan->hotplug_mib, "jobs", &plan->jobs,
		"set", &plan->set, "each-second", &plan->each_second, "high_mib", &plan->high_mib,
		"vmm", "fork", &plan->vmm.fork, "punch", &plan->vmm.punch, "memslots", &plan->vmm.memslots,
		"here", "kernel", &plan->here.kernel, "initrd", &plan->here.initrd, "image", &plan->here.image,
		"kvm", &plan->here.kvm) &&
	       read_backing(plan, backing, error);
}

/* The caller's to free. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? xasprintf("%.*s", (int)(slash - path), path) : xstrdup(".");
}

/* Of the program /tests/GROUP/NAME; the caller's to free. */
static char *path_of(const char *program)
{
	char *base = xstrdup(program), *folder = xstrdup(program), *path;

	path = xasprintf(PLANS "/%s/%s", basename(dirname(folder)), basename(base));
	free(folder);
	free(base);
	return path;
}

bool plan_load(struct plan *plan, char *const argv[])
{
	char *path = argv[1] ? xstrdup(argv[1]) : path_of(argv[0]);
	json_error_t error;
	bool fine;

	*plan = (struct plan){
		.folder = argv[1] ? folder_of(argv[1]) : xstrdup("/tmp"),
		.seed = number_of("SPTEST_SEED", 1),
		.slowness = number_of("SPTEST_SLOW", 1),
	};
	plan->root = json_load_file(path, 0, &error);
	fine = plan->root && plan_read(plan, &error);
	if (!fine)
		printf("# %s: %s\n", path, error.text);
	free(path);
	return fine;
}

void plan_release(struct plan *plan)
{
	json_decref(plan->root);
	free(plan->folder);
}
