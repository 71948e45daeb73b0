/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest wrote to the memslot of a stage, of which KVM keeps a log, while the host takes its pages and
 * gives others for them. Failures end the case.
 */
#ifndef SPTEST_LIB_WRITTEN_H
#define SPTEST_LIB_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/stage.h"
#include "lib/thp.h"

#define WRITTEN_MAX THP_PAGES	/* pages of the memslot */

struct written {
	struct stage *stage;
	uint64_t value[WRITTEN_MAX];	/* the first word of each page */
	bool since[WRITTEN_MAX];	/* since the log was taken; whoever takes it clears them */
};

/* The guest writes that there. */
void written_page(struct written *w, size_t page, uint64_t version);

/* About a third of the pages, by the seed; others for another version. */
bool written_chosen(size_t page, uint64_t version);

/* What the guest did may have been followed by copies of its pages, which the host had merged or swapped. */
void written_step(struct written *w, const char *what);

/* Guest and host read on each page what was written last. */
void written_check(struct written *w, const char *what);

#endif
