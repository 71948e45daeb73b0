/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is taken from a guest and given back while it works, again and again: by its balloon, whose pages
 * QEMU discards, or by virtio-mem, whose blocks the guest offlines.
 */
#ifndef SPTEST_WORKLOAD_RESIZE_H
#define SPTEST_WORKLOAD_RESIZE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "workload/guest.h"
#include "workload/plan.h"

#define RESIZE_TURN_MS 10000ull	/* on hardware, for the guest to comply; it may be unable to, for a while */
#define RESIZE_REST_MS 300

struct resize_count {
	atomic_ulong taken, given;
	bool silent;			/* QEMU did not answer, or refused */
};

struct resize {
	pid_t pid;			/* who asks QEMU for it; 0: nobody */
	struct resize_count *count;	/* shared with that one */
	struct lever *lever;		/* the carrier's own; NULL: none */
};

/* Whether the plan has it. */
bool resize_wanted(const struct plan *plan);

/* What is asked for in turns, in MiB: of the whole guest with a balloon, of its device for virtio-mem. */
int resize_most(const struct plan *plan);
int resize_least(const struct plan *plan);

/* Counts from 0. False with a line. */
bool resize_prepare(struct resize *resize);

/* Both of the carrier. The guest's connection for it is taken over; resize_release() ends it. False with a line that says why. */
bool resize_start(struct resize *resize, struct guest *guest, const struct plan *plan);

/* Nothing is asked for any more. */
void resize_stop(struct resize *resize);

/* After resize_stop(): how often memory was taken, and how often given; lines with the figures. */
bool resize_fine(const struct resize *resize, const struct guest *guest);
void resize_release(struct resize *resize);

#endif
