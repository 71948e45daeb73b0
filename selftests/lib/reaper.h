/* SPDX-License-Identifier: GPL-2.0-only */
/* What the OOM reaper tells notifiers about the memory that it takes (mm/oom_kill.c). */
#ifndef SPTEST_LIB_REAPER_H
#define SPTEST_LIB_REAPER_H

#include "lib/events.h"
#include "lib/kvm.h"
#include "lib/witness.h"

/* The reason that it gives on this kernel. */
enum notify reaper_says(void);

/*
 * All that the last witness_step() saw happen to the memslot was the reaper's work, by invalidations
 * that may not block: it must never wait for a secondary MMU.
 */
void reaper_expect_events(const struct memslot *slot, const char *what);

/*
 * Its owner is killed and held at its end (held-exit.h), until the kernel's log says that it was
 * reaped: then all that the memslot had is gone, by the reaper, with its sptes. kmsg is of kmsg_open()
 * before the kill; the step is judged as racing.
 */
void reaper_wait(struct witness *witness, const struct memslot *slot, int kmsg);

#endif
