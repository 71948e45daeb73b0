/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest under the smallest dirty ring that KVM makes. It writes about two thirds of its pages, by the seed,
 * one after the other and round after round: the number of the round, from 1 on, to the first word of
 * each. The others rest. There are more to write than the ring takes. Failures end the case.
 */
#ifndef SPTEST_LIB_RING_GUEST_H
#define SPTEST_LIB_RING_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/dirty-ring.h"
#include "lib/displace.h"
#include "lib/stage.h"

#define RING_GUEST_MAX 4096	/* pages */

struct ring_guest {
	struct stage stage;
	struct dirty_ring ring;
	size_t pages;
	bool writes[RING_GUEST_MAX];	/* the page is one of those that it writes */
};

/*
 * Memory that can be displaced `how`, all of it written before it is logged. Skips the case where KVM has no
 * ring. Opens the witness.
 */
void ring_guest_create(struct ring_guest *g, enum displace how);

/* Begins in a thread of its own, `full` as vcpu->ring_full; guest_spin_stop() ends it after a whole round. */
void ring_guest_start(struct ring_guest *g, void (*full)(struct vcpu *vcpu));

/* The first words of all pages, as the host reads them. */
void ring_guest_words(const struct ring_guest *g, uint64_t *words);

/*
 * Of a guest that does not run: each page before the one that it writes next holds this round's number,
 * each other the last round's, those that rest what they held. Returns that page; g->pages: it is through.
 */
size_t ring_guest_stand(const struct ring_guest *g, const uint64_t *words, const char *what);

/* It has ended: nothing is logged any more, as reading would be, and host and guest read what was written last. */
void ring_guest_expect_written(struct ring_guest *g);

/* What guest and host did to the memory, at any time. */
void ring_guest_step(struct ring_guest *g, const char *what);

#endif
