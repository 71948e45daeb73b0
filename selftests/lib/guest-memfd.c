// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"
#include "lib/guest-memfd.h"
#include "lib/mailbox.h"

#ifndef KVM_CREATE_GUEST_MEMFD
#define KVM_CAP_GUEST_MEMFD 234
#define KVM_CREATE_GUEST_MEMFD _IOWR(KVMIO, 0xd4, struct kvm_create_guest_memfd)
#define KVM_SET_USER_MEMORY_REGION2 _IOW(KVMIO, 0x49, struct kvm_userspace_memory_region2)
#define KVM_MEM_GUEST_MEMFD (1UL << 2)

struct kvm_create_guest_memfd {
	__u64 size;
	__u64 flags;
	__u64 reserved[6];
};

struct kvm_userspace_memory_region2 {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
	__u64 userspace_addr;
	__u64 guest_memfd_offset;
	__u32 guest_memfd;
	__u32 pad1;
	__u64 pad2[14];
};
#endif

#ifndef GUEST_MEMFD_FLAG_MMAP
#define KVM_CAP_GUEST_MEMFD_FLAGS 244
#define GUEST_MEMFD_FLAG_MMAP (1UL << 0)
#define GUEST_MEMFD_FLAG_INIT_SHARED (1UL << 1)
#endif

int guest_memfd_create(const struct vm *vm, size_t pages)
{
	struct kvm_create_guest_memfd args = {
		.size = pages * GUEST_PAGE,
		.flags = GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED,
	};
	int flags = ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_MEMFD_FLAGS), fd;

	if (flags <= 0 && ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_GUEST_MEMFD) <= 0)
		skip_case("KVM without guest_memfd for ordinary VMs");
	if ((flags & args.flags) != args.flags)
		skip_case("KVM whose guest_memfd cannot be mapped by its owner");
	fd = ioctl(vm->fd, KVM_CREATE_GUEST_MEMFD, &args);
	require(fd >= 0, "KVM_CREATE_GUEST_MEMFD: %s", strerror(errno));
	return fd;
}

struct memslot *guest_memfd_add_memslot(struct vm *vm, int fd, void *hva, size_t pages)
{
	struct memslot *slot = vm_add_memslot(vm, hva, pages);
	struct kvm_userspace_memory_region2 region = {
		.slot = slot->id, .flags = KVM_MEM_GUEST_MEMFD, .guest_phys_addr = slot->gpa,
		.memory_size = slot->pages * GUEST_PAGE, .userspace_addr = (uintptr_t)hva,
		.guest_memfd = fd,
	};

	/* An ordinary memslot until here, and a memslot cannot become one of a guest_memfd. */
	slot->pages = 0;
	memslot_set_flags(slot, 0);
	slot->pages = pages;
	require(!ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION2, &region),
		"KVM_SET_USER_MEMORY_REGION2: %s", strerror(errno));
	return slot;
}
