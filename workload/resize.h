/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is taken from a guest and given back while it works, again and again: by its balloon, whose pages
 * QEMU discards, or by virtio-mem, whose blocks the guest offlines.
 */
#ifndef SPTEST_WORKLOAD_RESIZE_H
#define SPTEST_WORKLOAD_RESIZE_H

#include <stdbool.h>
#include <sys/types.h>

#include "workload/guest.h"
#include "workload/plan.h"

struct resize {
	pid_t pid;			/* who asks QEMU for it; 0: nobody */
	struct resize_count *count;
};

/* Whether the plan has it. */
bool resize_wanted(const struct plan *plan);

/* Takes over the guest's connection for it; resize_release() ends it. False with a line that says why. */
bool resize_start(struct resize *resize, struct guest *guest, const struct plan *plan);

/* Nothing is asked for any more. */
void resize_stop(struct resize *resize);

/* After resize_stop(): how often memory was taken, and how often given; lines with the figures. */
bool resize_fine(const struct resize *resize, const struct guest *guest);
void resize_release(struct resize *resize);

#endif
