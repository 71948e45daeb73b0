// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "lib/mailbox.h"
#include "lib/pre-fault.h"

#ifndef KVM_PRE_FAULT_MEMORY
#define KVM_CAP_PRE_FAULT_MEMORY 236
#define KVM_PRE_FAULT_MEMORY _IOWR(KVMIO, 0xd5, struct kvm_pre_fault_memory)

struct kvm_pre_fault_memory {
	__u64 gpa;
	__u64 size;
	__u64 flags;
	__u64 padding[5];
};
#endif

bool pre_fault_possible(const struct vcpu *vcpu, const char **why)
{
	struct kvm_pre_fault_memory nothing = { .size = 0 };

	*why = "KVM without KVM_PRE_FAULT_MEMORY";
	if (ioctl(vcpu->vm->kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_PRE_FAULT_MEMORY) <= 0)
		return false;
	nothing.size = GUEST_PAGE;
	*why = "KVM_PRE_FAULT_MEMORY needs two-dimensional paging";
	return !ioctl(vcpu->fd, KVM_PRE_FAULT_MEMORY, &nothing) || errno != EOPNOTSUPP;
}

int pre_fault(const struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count,
	      size_t *mapped)
{
	struct kvm_pre_fault_memory range = {
		.gpa = slot->gpa + first * GUEST_PAGE, .size = count * GUEST_PAGE,
	};
	int err;

	/* KVM moves gpa and size on as it gets along, and returns for signals in between. */
	do {
		err = ioctl(vcpu->fd, KVM_PRE_FAULT_MEMORY, &range) ? errno : 0;
	} while ((!err && range.size) || err == EINTR || err == EAGAIN);
	*mapped = count - range.size / GUEST_PAGE;
	return -err;
}
