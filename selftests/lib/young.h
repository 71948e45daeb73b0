/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which pages of a memslot did the guest touch since the kernel last cleared their accessed bits? A
 * model, and the comparison with each answer that the kernel got.
 */
#ifndef SPTEST_LIB_YOUNG_H
#define SPTEST_LIB_YOUNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/events.h"
#include "lib/kvm.h"

#define YOUNG_PAGES 256		/* of the memslot */
#define YOUNG_WORDS (YOUNG_PAGES / 64)

struct young {
	struct vcpu *vcpu;
	const struct memslot *slot;
	bool touched[YOUNG_PAGES];
	bool asked[YOUNG_PAGES];	/* since young_begin() */
};

/* Skips the case, with the reason, where it cannot be seen what the kernel asks and is told. */
void young_need_answers(void);

/* The guest has just touched all pages. */
void young_init(struct young *y, struct vcpu *vcpu, const struct memslot *slot);

/* A subset that the seed decides: about a third of the pages; another one for each round. */
void young_touch(struct young *y, unsigned int round);

/*
 * Every question about a page must have been answered by the model; a question that clears the bit
 * clears it in the model as well. Returns how many pages were asked for since young_begin().
 */
void young_begin(struct young *y);
size_t young_check(struct young *y, const char *what, const struct event_list *list);

/* The accessed bits in the sptes are those of the model. */
void young_check_sptes(const struct young *y, const char *what);

#endif
