/* SPDX-License-Identifier: GPL-2.0-only */
/* What each of many VMs lost since it was last asked: for those beside the one that has a witness. */
#ifndef SPTEST_LIB_LOSS_H
#define SPTEST_LIB_LOSS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/kvm.h"

struct loss {
	uint64_t pages, flushes;	/* when last counted */
};

void loss_note(struct loss *loss, const struct vm *vm);

/*
 * Exactly so many sptes are gone since the last time, no TLB was flushed if there are none, and those that are left
 * are right. `number` names the VM, `what` the step.
 */
void loss_expect(struct loss *loss, const struct vm *vm, size_t number, uint64_t lost, const char *what);

#endif
