/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPUs that are inside KVM_RUN and wait there, in threads of their own. Failures end the case. */
#ifndef SPTEST_LIB_BLOCKED_H
#define SPTEST_LIB_BLOCKED_H

#include <stddef.h>

#include "lib/kvm.h"

/*
 * For pages that nobody gives (userfaultfd): the vCPU touches the first of them, which must not be
 * there, and waits in get_user_pages(). Returns when it does.
 */
void vcpu_block_in_uffd(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count);

/*
 * For the signal that starts a second processor, as a halted vCPU waits for an interrupt
 * (kvm_vcpu_block()); of another VM, which has this memory as well.
 */
void vcpu_block_halted(const struct memslot *slot);

#endif
