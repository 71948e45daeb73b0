/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_PRE_FAULT_MEMORY (Linux 6.11): KVM maps guest memory before the guest touches it. */
#ifndef SPTEST_LIB_PRE_FAULT_H
#define SPTEST_LIB_PRE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/kvm.h"

/* Has this KVM it, for this VM's MMU? why gets the reason if not. */
bool pre_fault_possible(const struct vcpu *vcpu, const char **why);

/* 0, or -errno with those pages mapped that are before the one that failed: *mapped of them. */
int pre_fault(const struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
	      size_t *mapped);

#endif
