// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check.h"
#include "lib/kept.h"
#include "lib/known-callers.h"
#include "spte/call-sites.h"

#define KEPT "/run/sptest-call-sites"	/* "KIND NAME" in each line */
#define KEPT_MAX 4096

static const struct {
	const char *name;
	enum caller_kind kind;
} functions[] = {
	{ "__mmu_notifier_invalidate_range_start", CALLER_NOTIFIER },
	{ "__mmu_notifier_clear_flush_young", CALLER_AGING },
	{ "__mmu_notifier_clear_young", CALLER_AGING },
	{ "__mmu_notifier_test_young", CALLER_AGING },
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

static bool load(struct known_callers *known)
{
	FILE *f = kept_open(KEPT);
	unsigned int kind;
	char name[CALLER_SIZE];

	if (!f)
		return false;
	known->caller = calloc(KEPT_MAX, sizeof(*known->caller));
	while (known->caller && known->count < KEPT_MAX && fscanf(f, "%u %95s", &kind, name) == 2) {
		if (kind >= CALLER_KINDS)
			break;
		known->caller[known->count].kind = kind;
		strcpy(known->caller[known->count++].name, name);
	}
	fclose(f);
	if (!known->count)
		known_callers_free(known);
	return known->count;
}

static void save(const struct known_callers *known)
{
	FILE *f = kept_create(KEPT);

	if (!f)
		return;
	for (size_t i = 0; i < known->count; i++)
		fprintf(f, "%d %s\n", known->caller[i].kind, known->caller[i].name);
	kept_finish(f, KEPT);
}

static int scan(struct call_sites *sites, struct kmem *mem)
{
	const char *names[FUNCTIONS];
	FILE *kallsyms = fopen("/proc/kallsyms", "re");
	unsigned int i;
	int err;

	for (i = 0; i < FUNCTIONS; i++)
		names[i] = functions[i].name;
	if (!kallsyms)
		return -errno;
	err = call_sites_read(sites, mem, kallsyms, names, FUNCTIONS);
	fclose(kallsyms);
	return err;
}

static bool take_sites(struct known_callers *known, const struct call_sites *sites)
{
	size_t i;

	known->caller = calloc(sites->count, sizeof(*known->caller));
	if (!known->caller)
		return false;
	for (i = 0; i < sites->count; i++) {
		known->caller[i].kind = functions[sites->site[i].function].kind;
		memcpy(known->caller[i].name, sites->site[i].name, CALLER_SIZE);
	}
	known->count = sites->count;
	return true;
}

bool known_callers_read(struct known_callers *known)
{
	struct call_sites sites = { 0 };
	struct kmem mem;
	int err;

	*known = (struct known_callers){ 0 };
	if (load(known))
		return true;
	err = kcore_open(&mem);
	if (err) {
		snprintf(known->error, sizeof(known->error), "/proc/kcore: %s", strerror(-err));
		return false;
	}
	err = scan(&sites, &mem);
	mem.close(&mem);
	if (!err && !take_sites(known, &sites))
		err = -ENOMEM;
	if (err)
		snprintf(known->error, sizeof(known->error), "%s",
			 sites.error[0] ? sites.error : strerror(-err));
	else
		save(known);
	call_sites_free(&sites);
	return !err;
}

void known_callers_free(struct known_callers *known)
{
	free(known->caller);
	known->caller = NULL;
	known->count = 0;
}

bool known_callers_have(const char *function)
{
	const size_t length = strlen(function);
	struct known_callers known;
	bool have = false;

	require(known_callers_read(&known), "no list of call sites: %s", known.error);
	for (size_t i = 0; i < known.count && !have; i++)
		have = known.caller[i].kind == CALLER_NOTIFIER &&
		       !strncmp(known.caller[i].name, function, length) &&
		       (known.caller[i].name[length] == '+' || known.caller[i].name[length] == '.');
	known_callers_free(&known);
	return have;
}
