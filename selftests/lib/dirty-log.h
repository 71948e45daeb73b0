/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM's log of what a guest wrote, of one memslot. Failures end the case. */
#ifndef SPTEST_LIB_DIRTY_LOG_H
#define SPTEST_LIB_DIRTY_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/kvm.h"

/*
 * From now on reading a log clears nothing (KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2), and, if `all_set`, each
 * log begins with all pages dirty and none write-protected. False: this KVM has no such log.
 */
bool dirty_log_manual(struct vm *vm, bool all_set);

/* Logging of a memslot on and off. */
void dirty_log_start(const struct memslot *slot);
void dirty_log_stop(const struct memslot *slot);

/* Which of all its pages the log names; returns how many. Clears the log, unless that is manual. */
size_t dirty_log_read(const struct memslot *slot, bool *dirty);

/* Manual: takes these pages out of the log, so that the next write of each is seen; multiples of 64. */
void dirty_log_clear(const struct memslot *slot, size_t first, size_t count);

#endif
