// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/dirty-ring.h"
#include "lib/mailbox.h"

size_t dirty_ring_entries_max(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), size;

	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	size = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_DIRTY_LOG_RING);
	close(kvm);
	return size > 0 ? size / sizeof(struct kvm_dirty_gfn) : 0;
}

static int enable(int vm_fd, size_t entries)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_DIRTY_LOG_RING, .args = { entries * sizeof(struct kvm_dirty_gfn) },
	};

	return ioctl(vm_fd, KVM_ENABLE_CAP, &cap) ? -errno : 0;
}

/* A page at least, and more than KVM keeps for itself: that is for the CPU to say (kvm_dirty_ring_get_rsvd_entries()). */
size_t dirty_ring_entries_min(void)
{
	size_t entries = GUEST_PAGE / sizeof(struct kvm_dirty_gfn);
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm, err;

	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	require(vm >= 0, "KVM_CREATE_VM: %s", strerror(errno));
	while ((err = enable(vm, entries)) == -EINVAL)
		entries *= 2;
	require(!err, "KVM_CAP_DIRTY_LOG_RING: %s", strerror(-err));
	close(vm);
	close(kvm);
	return entries;
}

void dirty_ring_enable(struct vm *vm, size_t entries)
{
	int err = enable(vm->fd, entries);

	require(!err, "KVM_CAP_DIRTY_LOG_RING: %s", strerror(-err));
}

void dirty_ring_map(struct dirty_ring *ring, struct vcpu *vcpu, size_t entries)
{
	*ring = (struct dirty_ring){ .vcpu = vcpu, .entries = entries };
	ring->entry = mmap(NULL, entries * sizeof(*ring->entry), PROT_READ | PROT_WRITE, MAP_SHARED,
			   vcpu->fd, KVM_DIRTY_LOG_PAGE_OFFSET * GUEST_PAGE);
	require(ring->entry != MAP_FAILED, "mmap of a dirty ring: %s", strerror(errno));
}

size_t dirty_ring_harvest(struct dirty_ring *ring, const struct memslot *slot, bool *dirty)
{
	const uint32_t id = slot->id | slot->space << 16;
	struct kvm_dirty_gfn *entry;
	size_t count = 0;

	memset(dirty, 0, slot->pages * sizeof(*dirty));
	for (;; ring->next++, count++) {
		entry = &ring->entry[ring->next % ring->entries];
		if (__atomic_load_n(&entry->flags, __ATOMIC_ACQUIRE) != KVM_DIRTY_GFN_F_DIRTY)
			return count;
		require(entry->slot == id && entry->offset < slot->pages,
			"a dirty ring names page %llu of memslot %#x, which is not logged", entry->offset,
			entry->slot);
		dirty[entry->offset] = true;
		__atomic_store_n(&entry->flags, KVM_DIRTY_GFN_F_RESET, __ATOMIC_RELEASE);
	}
}

size_t dirty_ring_reset(const struct vm *vm)
{
	int count = ioctl(vm->fd, KVM_RESET_DIRTY_RINGS, 0);

	require(count >= 0, "KVM_RESET_DIRTY_RINGS: %s", strerror(errno));
	return count;
}

bool dirty_ring_still_full(const struct dirty_ring *ring)
{
	return !ioctl(ring->vcpu->fd, KVM_RUN, NULL) &&
	       ring->vcpu->run->exit_reason == KVM_EXIT_DIRTY_RING_FULL;
}
