// SPDX-License-Identifier: GPL-2.0-only
#include "spte/tool/leaves.h"

#include <errno.h>
#include <stdlib.h>

static int by_gfn(const void *a, const void *b)
{
	const struct spte_leaf *x = a, *y = b;

	if (x->table->role.space != y->table->role.space)
		return x->table->role.space - y->table->role.space;
	if (x->gfn != y->gfn)
		return x->gfn < y->gfn ? -1 : 1;
	return (x->table > y->table) - (x->table < y->table);
}

struct spte_leaf *leaves_sorted(const struct reading *reading, const struct options *options,
				size_t *count, int *err)
{
	const struct spte_format *format = &reading->reader->format;
	struct spte_cursor cursor = { 0 };
	struct spte_leaf leaf, *leaves = NULL;
	size_t capacity = 0;

	*count = 0;
	*err = 0;
	while (spte_snapshot_next(format, &reading->snapshot, &cursor, &leaf)) {
		if (!reading_wants(options, &leaf))
			continue;
		if (*count == capacity) {
			struct spte_leaf *more;

			capacity = capacity ? capacity * 2 : 1024;
			more = reallocarray(leaves, capacity, sizeof(leaf));
			if (!more) {
				free(leaves);
				*err = -ENOMEM;
				return NULL;
			}
			leaves = more;
		}
		leaves[(*count)++] = leaf;
	}
	if (leaves)
		qsort(leaves, *count, sizeof(*leaves), by_gfn);
	return leaves;
}
