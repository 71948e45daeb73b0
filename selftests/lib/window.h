/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the notifiers' return from an invalidation's start and its end no spte may be installed in
 * its range: what the primary page table says there is about to change. KVM's faults have to go
 * back and wait for the end (is_page_fault_stale() in arch/x86/kvm/mmu/mmu.c).
 */
#ifndef SPTEST_LIB_WINDOW_H
#define SPTEST_LIB_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/balance.h"
#include "lib/events.h"

/*
 * `set` is an EVENT_SPTE_SET with mm, start and end, in order among the events that `balance` was
 * given. False: it is inside an invalidation, `why` in one line.
 */
bool window_allows(const struct balance *balance, const struct event *set, char *why, size_t size);

#endif
