/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KVM's tracepoints name a gfn, but neither the VM nor an address. Here is noted which VM each thread
 * of a case ran and where its memslots were, so that an event becomes a range of host memory.
 */
#ifndef SPTEST_LIB_MAPPINGS_H
#define SPTEST_LIB_MAPPINGS_H

#include <stdbool.h>

#include "lib/events.h"
#include "lib/kvm.h"

void mappings_init(void);	/* before the first case: memory that its processes share */
void mappings_begin(void);	/* before each: forgets all */

/* For the library's kvm.c. */
void mappings_add_slot(const struct memslot *slot);
void mappings_end_vm(const struct vm *vm);
void mappings_note_run(const struct vm *vm);

/*
 * Sets start and end of an EVENT_SPTE_... of a VM that process `owner` made. False: its VM or memslot
 * is not known, or could be two.
 */
bool mappings_resolve(struct event *event, pid_t owner);

#endif
