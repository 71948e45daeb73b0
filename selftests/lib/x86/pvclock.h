/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page in which KVM itself tells a guest the time (Documentation/virt/kvm/x86/msr.rst,
 * MSR_KVM_SYSTEM_TIME_NEW): KVM keeps a translation for that, beside the sptes. Failures end the case.
 */
#ifndef SPTEST_LIB_X86_PVCLOCK_H
#define SPTEST_LIB_X86_PVCLOCK_H

#include <stdint.h>

#include "lib/kvm.h"

/* arch/x86/include/asm/pvclock-abi.h, which is no header for user space. */
struct pvclock {
	uint32_t version;	/* odd while it is written; two more each time */
	uint32_t pad;
	uint64_t tsc_timestamp;
	uint64_t system_time;
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift;
	uint8_t flags;
	uint8_t pad2[2];
};

/* From here on it is at that address of the guest, in a memslot. */
void pvclock_enable(struct vcpu *vcpu, uint64_t gpa);

/* KVM writes it anew, on the vCPU's next way into the guest; which goes there and back. */
void pvclock_tell(struct vcpu *vcpu);

#endif
