/* SPDX-License-Identifier: GPL-2.0-only */
/* Which runs are held against which, when words name sets of them. */
#ifndef SPTEST_COMPARE_PAIRS_H
#define SPTEST_COMPARE_PAIRS_H

#include <stddef.h>
#include <stdint.h>

#include "store.h"

struct compare_pair {
	int64_t a, b;
};

struct compare_pairs {
	struct compare_pair *pairs;	/* by the number of b, then of a */
	size_t count;
	struct store_set only_a, only_b;	/* those that have no partner */
};

/*
 * Pairs the runs that two words name (store_find_set()): of the same suite, MMU mode and accelerator; of two
 * dates of the same kernel, or else one of its series and flavour that has no other partner, too. Two words for one run each are a pair whatever these are. "last-green"
 * as a is for each run of b its own. Swapped words, swapped pairs. 0, or -errno with a line: -ENOENT if nothing
 * pairs. Freed by compare_pairs_free() if 0.
 */
int compare_pairs_find(struct store *store, const char *word_a, const char *word_b, struct compare_pairs *pairs,
		       char error[STORE_ERROR]);
void compare_pairs_free(struct compare_pairs *pairs);

#endif
