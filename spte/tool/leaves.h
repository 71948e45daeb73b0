/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_SPTE_TOOL_LEAVES_H
#define SPTEST_SPTE_TOOL_LEAVES_H

#include "spte/tool/options.h"
#include "spte/tool/reading.h"

/*
 * The leaves and MMIO sptes of a reading within --range, by address space, gfn and table; the
 * caller's to free. NULL: none, or -ENOMEM in *err.
 */
struct spte_leaf *leaves_sorted(const struct reading *reading, const struct options *options,
				size_t *count, int *err);

#endif
