// SPDX-License-Identifier: GPL-2.0-only
/* Two readings of one VM: which sptes came, went and changed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "spte/tool/leaves.h"
#include "spte/tool/views.h"

#define SHOWN_MAX 200

struct side {
	struct spte_leaf *leaves;
	size_t count, at;
};

struct counts {
	uint64_t came, went, moved, permission, aged, shown;
};

/* -1: the older one's leaf comes first, 1: the newer one's, 0: they are of the same place. */
static int compare(const struct side *old, const struct side *new)
{
	const struct spte_leaf *a = &old->leaves[old->at], *b = &new->leaves[new->at];

	if (old->at == old->count || new->at == new->count)
		return old->at == old->count ? 1 : -1;
	if (a->table->role.space != b->table->role.space)
		return a->table->role.space < b->table->role.space ? -1 : 1;
	if (a->gfn != b->gfn)
		return a->gfn < b->gfn ? -1 : 1;
	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	return 0;
}

static void show(const struct reading *reading, struct counts *counts, const char *what,
		 const struct spte_leaf *old, const struct spte_leaf *new)
{
	const struct spte_format *format = &reading->reader->format;
	uint64_t gfn = old ? old->gfn : new ? new->gfn : 0;
	unsigned int level = old ? old->level : new ? new->level : 0;
	char before[16] = "none", after[16] = "none";

	if (counts->shown++ >= SHOWN_MAX)
		return;
	if (old)
		spte_flags_text(format, old->spte, before);
	if (new)
		spte_flags_text(format, new->spte, after);
	printf("  %-10s gfn 0x%-10" PRIx64 " %s  %-10s pfn 0x%-8" PRIx64 " -> %-10s pfn 0x%" PRIx64 "\n",
	       what, gfn, spte_level_name(level), before,
	       old ? spte_pfn(format, old->spte) : 0, after, new ? spte_pfn(format, new->spte) : 0);
}

static void show_change(const struct reading *reading, struct counts *counts,
			const struct spte_leaf *old, const struct spte_leaf *new)
{
	const struct spte_format *format = &reading->reader->format;
	uint64_t changed = old->spte ^ new->spte;

	if (!changed)
		return;
	if (spte_pfn(format, changed)) {
		counts->moved++;
		show(reading, counts, "other page", old, new);
	} else if (changed & ~(format->accessed | format->dirty)) {
		counts->permission++;
		show(reading, counts, "permission", old, new);
	} else {
		counts->aged++;
	}
}

static void merge(const struct reading *reading, struct side *old, struct side *new,
		  struct counts *counts)
{
	while (old->at < old->count || new->at < new->count) {
		int order = compare(old, new);

		if (order < 0) {
			counts->went++;
			show(reading, counts, "gone", &old->leaves[old->at++], NULL);
		} else if (order > 0) {
			counts->came++;
			show(reading, counts, "new", NULL, &new->leaves[new->at++]);
		} else {
			show_change(reading, counts, &old->leaves[old->at++],
				    &new->leaves[new->at++]);
		}
	}
}

int view_diff(const struct reading *older, const struct reading *newer,
	      const struct options *options)
{
	struct side old = { 0 }, new = { 0 };
	struct counts counts = { 0 };
	int err;

	old.leaves = leaves_sorted(older, options, &old.count, &err);
	if (!err)
		new.leaves = leaves_sorted(newer, options, &new.count, &err);
	if (!err) {
		merge(newer, &old, &new, &counts);
		if (counts.shown > SHOWN_MAX)
			printf("  ... and %" PRIu64 " more\n", counts.shown - SHOWN_MAX);
		printf("  %" PRIu64 " new, %" PRIu64 " gone, %" PRIu64 " map another page, %" PRIu64
		       " with other permissions, %" PRIu64 " with other accessed or dirty bits\n",
		       counts.came, counts.went, counts.moved, counts.permission, counts.aged);
	}
	free(old.leaves);
	free(new.leaves);
	return err;
}
