// SPDX-License-Identifier: GPL-2.0-only
#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "host/die.h"

#define SITES_MAX 4096	/* of a kind: a test's output cannot fill the memory */
#define KINDS_MAX 64

static struct coverage_kind *find_kind(struct coverage *coverage, const char *kind)
{
	struct coverage_kind *k;

	for (size_t i = 0; i < coverage->count; i++)
		if (!strcmp(coverage->kinds[i].kind, kind))
			return &coverage->kinds[i];
	if (coverage->count == KINDS_MAX)
		return NULL;
	coverage->kinds = xrealloc(coverage->kinds, (coverage->count + 1) * sizeof(*k));
	k = &coverage->kinds[coverage->count++];
	*k = (struct coverage_kind){ .kind = xstrdup(kind) };
	return k;
}

static struct coverage_site *find_site(struct coverage_kind *kind, const char *name)
{
	struct coverage_site *site;

	for (size_t i = 0; i < kind->count; i++)
		if (!strcmp(kind->sites[i].name, name))
			return &kind->sites[i];
	if (kind->count == SITES_MAX)
		return NULL;
	kind->sites = xrealloc(kind->sites, (kind->count + 1) * sizeof(*site));
	site = &kind->sites[kind->count++];
	*site = (struct coverage_site){ .name = xstrdup(name) };
	return site;
}

/* "KIND: NAME NAME ..." */
static void take_names(struct coverage *coverage, const char *text, bool reached)
{
	char *copy = xstrdup(text), *names = strstr(copy, ": "), *name;
	struct coverage_kind *kind = NULL;
	struct coverage_site *site;

	if (names && names > copy) {
		*names = '\0';
		names += 2;
		kind = find_kind(coverage, copy);
	}
	if (kind && !reached)
		kind->known = true;
	while (kind && (name = strsep(&names, " "))) {
		site = *name ? find_site(kind, name) : NULL;
		if (site && reached)
			site->reached = true;
	}
	free(copy);
}

/* A kernel that lets its guest write where it likes may have spoilt the test's own lists: no name is of use then. */
static bool is_sound(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

void coverage_take(struct coverage *coverage, const char *diagnostic)
{
	static const char covers[] = "covers ", coverable[] = "coverable ";

	if (!is_sound(diagnostic))
		return;
	if (!strncmp(diagnostic, covers, strlen(covers)))
		take_names(coverage, diagnostic + strlen(covers), true);
	else if (!strncmp(diagnostic, coverable, strlen(coverable)))
		take_names(coverage, diagnostic + strlen(coverable), false);
}

static void add_by(struct coverage_site *site, const char *by)
{
	for (size_t i = 0; i < site->by_count; i++)
		if (!strcmp(site->by[i], by))
			return;
	site->by = xrealloc(site->by, (site->by_count + 1) * sizeof(*site->by));
	site->by[site->by_count++] = xstrdup(by);
}

static void add_site(struct coverage_kind *kind, const struct coverage_site *from, const char *by)
{
	struct coverage_site *site = find_site(kind, from->name);

	if (!site || !from->reached)
		return;
	site->reached = true;
	if (by)
		add_by(site, by);
}

void coverage_add(struct coverage *into, const struct coverage *from, const char *by)
{
	for (size_t i = 0; i < from->count; i++) {
		struct coverage_kind *kind = find_kind(into, from->kinds[i].kind);

		if (!kind)
			continue;
		kind->known |= from->kinds[i].known;
		for (size_t j = 0; j < from->kinds[i].count; j++)
			add_site(kind, &from->kinds[i].sites[j], by);
	}
}

static void release_site(struct coverage_site *site)
{
	for (size_t i = 0; i < site->by_count; i++)
		free(site->by[i]);
	free(site->by);
	free(site->name);
}

void coverage_release(struct coverage *coverage)
{
	for (size_t i = 0; i < coverage->count; i++) {
		for (size_t j = 0; j < coverage->kinds[i].count; j++)
			release_site(&coverage->kinds[i].sites[j]);
		free(coverage->kinds[i].sites);
		free(coverage->kinds[i].kind);
	}
	free(coverage->kinds);
	*coverage = (struct coverage){ 0 };
}

size_t coverage_reached(const struct coverage_kind *kind)
{
	size_t reached = 0;

	for (size_t i = 0; i < kind->count; i++)
		reached += kind->sites[i].reached;
	return reached;
}
