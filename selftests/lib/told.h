/* SPDX-License-Identifier: GPL-2.0-only */
/* How many VMs the kernel told of an invalidation: the events, counted VM by VM. */
#ifndef SPTEST_LIB_TOLD_H
#define SPTEST_LIB_TOLD_H

#include <stddef.h>

#include "lib/events.h"

/*
 * By these events, exactly so many VMs, of whatever process, were told of invalidations that begin at
 * this address; `what` names the step. Where KVM does not tell, nothing here fails.
 */
void events_expect_told(const struct event_list *list, const void *hva, size_t vms, const char *what);

#endif
