/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM whose memory holds everything twice, for KSM: two memslots side by side in the host's memory,
 * page N of the one equal to page N of the other. Failures end the case.
 */
#ifndef SPTEST_LIB_KSM_GUEST_H
#define SPTEST_LIB_KSM_GUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/kvm.h"
#include "lib/witness.h"

#define KSM_GUEST_PAGES_MAX 256

struct ksm_guest {
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot[2];
	struct witness witness;
	char *memory;		/* of both memslots */
	size_t pages;		/* of each of them */
};

/* Calls ksm_prepare(). The memory is not populated yet, but registered for merging. */
void ksm_guest_create(struct ksm_guest *g, size_t pages);
void ksm_guest_create_unregistered(struct ksm_guest *g, size_t pages);

/* The guest writes version 1 to both halves. */
void ksm_guest_fill(struct ksm_guest *g);

/* KSM takes all pages: each pair is one page then, and no spte is left. */
void ksm_guest_merge(struct ksm_guest *g);

/* Fill and merge; then the guest reads all, by one fault for each page, all of them read-only. */
void ksm_guest_create_merged(struct ksm_guest *g, size_t pages);

/* The guest reads version 1 in pages of both halves; `faulted` of them are mapped by that. */
void ksm_guest_read(struct ksm_guest *g, const char *what, size_t faulted);

/*
 * Whether pages of the first half are one with their twins; what is one must be KSM's page, what is
 * not must be nobody's but its own.
 */
void ksm_guest_expect_merged(const struct ksm_guest *g, const char *what, size_t first, size_t count,
			     bool merged);

/*
 * Somebody wrote version 2 to pages of the first half, which were merged: they are the guest's own
 * now, by a fault of the guest for each. All else is as it was.
 */
void ksm_guest_expect_written(struct ksm_guest *g, const char *what, size_t first, size_t count);

#endif
