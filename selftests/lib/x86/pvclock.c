// SPDX-License-Identifier: GPL-2.0-only
#include <asm/kvm_para.h>
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/x86/pvclock.h"

#define ENABLED 1UL

void pvclock_enable(struct vcpu *vcpu, uint64_t gpa)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = {
		.head.nmsrs = 1,
		.entry = { .index = MSR_KVM_SYSTEM_TIME_NEW, .data = gpa | ENABLED },
	};

	require(ioctl(vcpu->fd, KVM_SET_MSRS, &msrs) == 1, "KVM_SET_MSRS of MSR_KVM_SYSTEM_TIME_NEW: %s",
		strerror(errno));
}

/* Setting the VM's clock asks all vCPUs to tell it (KVM_REQ_CLOCK_UPDATE). */
void pvclock_tell(struct vcpu *vcpu)
{
	struct kvm_clock_data clock;

	require(!ioctl(vcpu->vm->fd, KVM_GET_CLOCK, &clock), "KVM_GET_CLOCK: %s", strerror(errno));
	clock = (struct kvm_clock_data){ .clock = clock.clock };
	require(!ioctl(vcpu->vm->fd, KVM_SET_CLOCK, &clock), "KVM_SET_CLOCK: %s", strerror(errno));
	require(!guest_fill(vcpu, &vcpu->vm->slot[1], 0, 0, 0), "the guest does not run");
}
