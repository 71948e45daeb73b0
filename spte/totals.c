// SPDX-License-Identifier: GPL-2.0-only
#include "spte/totals.h"

#include <string.h>

struct spte_totals spte_totals(const struct spte_format *format,
			       const struct spte_snapshot *snapshot)
{
	struct spte_totals totals = { .tables = snapshot->count };
	struct spte_cursor cursor = { 0 };
	struct spte_leaf leaf;

	while (spte_snapshot_next(format, snapshot, &cursor, &leaf)) {
		unsigned int i = leaf.level - 1;

		if (leaf.state == SPTE_MMIO)
			totals.mmio++;
		if (leaf.state == SPTE_MMIO || i >= SPTE_LEVELS)
			continue;
		totals.level[i].leaves++;
		totals.level[i].writable += spte_writable(format, leaf.spte);
		totals.level[i].executable += spte_executable(format, leaf.spte);
		totals.level[i].accessed += spte_accessed(format, leaf.spte) > 0;
		totals.level[i].dirty += spte_dirty(format, leaf.spte) > 0;
	}
	return totals;
}

enum spte_agreement spte_totals_agree(const struct spte_totals *totals,
				      const struct spte_snapshot *snapshot)
{
	if (!snapshot->counted || snapshot->partial)
		return TOTALS_UNCOUNTED;
	if (memcmp(snapshot->before, snapshot->after, sizeof(snapshot->before)))
		return TOTALS_MOVED;
	for (unsigned int i = 0; i < SPTE_LEVELS; i++)
		if (totals->level[i].leaves != snapshot->after[i])
			return TOTALS_DIFFER;
	return TOTALS_AGREE;
}

const char *spte_level_name(unsigned int level)
{
	static const char *const names[] = { "4 KiB", "2 MiB", "1 GiB", "512 GiB" };

	return level >= 1 && level <= 4 ? names[level - 1] : "?";
}
