/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host takes the pages of a guest from under it, in one of several ways that leave their content as it
 * is: what must not depend on the way is tested for each. Failures end the case.
 */
#ifndef SPTEST_LIB_DISPLACE_H
#define SPTEST_LIB_DISPLACE_H

#include <stddef.h>

#include "lib/witness.h"

/* For struct test.modules: the swap device. */
#define DISPLACE_MODULES "lzo-rle", "zram"

enum displace {
	DISPLACE_SWAP,		/* wants needs.swap */
	DISPLACE_MIGRATE,	/* to the other node and back; wants needs.nodes = 2 */
	DISPLACE_KSM,		/* equal pages become one; wants needs.ksm */
	DISPLACE_SPLIT,		/* a huge page becomes small ones; wants .files of lib/thp.h */
};

/* Memory that can be displaced so, anonymous and not populated; whole huge pages for a split. */
void *displace_alloc(enum displace how, size_t pages);

/*
 * Does it to all of the memory. The step says what comes of it for a guest that has all pages mapped by
 * small sptes; KSM takes only pages that have an equal.
 */
struct step displace(enum displace how, void *memory, size_t pages);

/*
 * The same under a running guest, to as many pages as may be. A split takes the right to write one page of the
 * second half of each huge page for a moment.
 */
void displace_racing(enum displace how, void *memory, size_t pages);

/* Functions swap(), migrate(), ksm() and split() for cases that tell the same story of each way. */
#define DISPLACE_CASES(story) \
	static void swap(void) \
	{ \
		story(DISPLACE_SWAP); \
	} \
	static void migrate(void) \
	{ \
		story(DISPLACE_MIGRATE); \
	} \
	static void ksm(void) \
	{ \
		story(DISPLACE_KSM); \
	} \
	static void split(void) \
	{ \
		story(DISPLACE_SPLIT); \
	}

#endif
