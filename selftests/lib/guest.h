/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test has its guest do. Pages are counted from the start of a memslot; `version` names the
 * pattern (memory_key() with the memslot's tag). Each returns vcpu_run()'s 0 or -EFAULT.
 */
#ifndef SPTEST_LIB_GUEST_H
#define SPTEST_LIB_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/kvm.h"

/* A page that cannot be written fails the case. */
int guest_fill(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
	       unsigned int version);

/* The same command, which the next vcpu_run() begins: for tests that look at nothing but KVM_RUN. */
void guest_prepare_fill(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
			unsigned int version);

/* Pages that differ fail the case, with what they hold instead; so does one that cannot be read. */
int guest_check(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
		unsigned int version);
/* The same, but what cannot be read is the caller's affair: 0, or vcpu_run()'s error. */
int guest_try_check(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
		    unsigned int version);

/* The first word of one page. */
int guest_read(struct vcpu *vcpu, const struct memslot *slot, size_t page, uint64_t *value);
int guest_write(struct vcpu *vcpu, const struct memslot *slot, size_t page, uint64_t value);

/* The first word of each of them. */
int guest_write_each(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
		     uint64_t value);

/* Drops the guest's own translations of the pages, as it must after changing its page table. */
int guest_forget(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count);

/*
 * Reads a word of each page whose bit is set, and of no other, with a TLB that knows none of them;
 * pages <= GUEST_MASK_PAGES.
 */
int guest_touch(struct vcpu *vcpu, const struct memslot *slot, const uint64_t *mask, size_t pages);

/*
 * In a thread of its own: reads the first word of each page over and over without leaving the guest,
 * until guest_spin_stop(), which returns how many words were older than the epoch published before.
 */
void guest_spin_start(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
		      uint64_t epoch);
void guest_spin_epoch(struct vcpu *vcpu, uint64_t epoch);
/* The same, but writes an ever rising number there, and idles for `delay` iterations after each. */
void guest_spin_write_start(struct vcpu *vcpu, const struct memslot *slot, size_t first,
			    size_t count, uint64_t delay);
/* The same without idling, to each page whose bit is set; pages <= GUEST_MASK_PAGES. */
void guest_spin_write_masked(struct vcpu *vcpu, const struct memslot *slot, const uint64_t *mask,
			     size_t pages);

/* Waits until the guest went over all pages twice more; false: it stands still, or its vCPU ended, which is said. */
bool guest_spin_wait(struct vcpu *vcpu);
/*
 * After the host took a right away: true when the guest has run into EFAULT, false when it went over all pages
 * twice more instead. It has stopped then.
 */
bool guest_spin_faults(struct vcpu *vcpu);
/* result gets vcpu_run()'s. */
size_t guest_spin_stop(struct vcpu *vcpu, int *result);

/* What the writing guest wrote to each page in its last round. */
uint64_t guest_spin_written(const struct vcpu *vcpu);

/* All pages of the memslot, over which it wrote, hold that in their first word. */
void guest_spin_expect_written(const struct vcpu *vcpu, const struct memslot *slot);

/* The access must not get through: every page of the range faults out with EFAULT. */
void guest_expect_efault(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
			 bool write);

#endif
