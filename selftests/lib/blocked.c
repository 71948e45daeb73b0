// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/blocked.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"

void vcpu_block_in_uffd(struct vcpu *vcpu, const struct memslot *slot, size_t first, size_t count)
{
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	struct uffd_msg message;
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 && errno == ENOSYS)
		skip_case("kernel without userfaultfd");
	require(fd >= 0, "userfaultfd: %s", strerror(errno));
	range.range.start = (uintptr_t)slot_page(slot, first);
	range.range.len = count * GUEST_PAGE;
	require(!ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range),
		"UFFDIO_REGISTER: %s", strerror(errno));
	guest_spin_start(vcpu, slot, first, count, 1);
	require(read(fd, &message, sizeof(message)) == sizeof(message) &&
		message.event == UFFD_EVENT_PAGEFAULT, "no page fault came from the guest");
}

static void *run(void *arg)
{
	const int *vcpu = arg;

	ioctl(*vcpu, KVM_RUN, NULL);
	return NULL;
}

void vcpu_block_halted(const struct memslot *slot)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = slot->gpa,
		.memory_size = slot->pages * GUEST_PAGE,
		.userspace_addr = (uintptr_t)slot->hva,
	};
	struct kvm_mp_state state;
	static int vcpu[2];
	pthread_t thread;
	int vm, err;

	vm = ioctl(slot->vm->kvm_fd, KVM_CREATE_VM, 0);
	require(vm >= 0 && !ioctl(vm, KVM_CREATE_IRQCHIP, 0), "a VM with interrupts: %s",
		strerror(errno));
	require(!ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "its memslot: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		vcpu[i] = ioctl(vm, KVM_CREATE_VCPU, i);
		require(vcpu[i] >= 0, "KVM_CREATE_VCPU: %s", strerror(errno));
	}
	require(!ioctl(vcpu[1], KVM_GET_MP_STATE, &state) &&
		state.mp_state == KVM_MP_STATE_UNINITIALIZED, "the second vCPU does not wait");
	err = pthread_create(&thread, NULL, run, &vcpu[1]);
	require(!err, "no thread for a vCPU: %s", strerror(err));
}
