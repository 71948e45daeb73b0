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
#include "lib/guest-arch.h"
#include "lib/kvm.h"
#include "lib/mailbox.h"
#include "lib/mappings.h"
#include "lib/memory.h"

/* Above what the test guest itself takes, below the hole for MMIO. */
#define DATA_GPA (256UL << 20)
#define DATA_END (3UL << 30)
#define DATA_ALIGN (16UL << 20)

void memslot_set_flags(const struct memslot *slot, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot->id | slot->space << 16,
		.flags = flags,
		.guest_phys_addr = slot->gpa,
		.memory_size = slot->pages * GUEST_PAGE,
		.userspace_addr = (uintptr_t)slot->hva,
	};

	require(!ioctl(slot->vm->fd, KVM_SET_USER_MEMORY_REGION, &region),
		"KVM_SET_USER_MEMORY_REGION of slot %u: %s", slot->id, strerror(errno));
}

struct memslot *vm_add_memslot_at(struct vm *vm, unsigned int space, uint64_t gpa, void *hva,
				  size_t pages)
{
	struct memslot *slot = &vm->slot[vm->slot_count];

	require(vm->slot_count < VM_SLOTS_MAX, "more than %d memslots", VM_SLOTS_MAX);
	*slot = (struct memslot){ .tag = vm->slot_count,
		.vm = vm, .id = vm->slot_count++, .space = space, .gpa = gpa, .hva = hva,
		.pages = pages,
	};
	memslot_set_flags(slot, 0);
	mappings_add_slot(slot);
	return slot;
}

/* Behind all that are there; slot 0 is the test guest itself, below DATA_GPA. */
static uint64_t next_gpa(const struct vm *vm)
{
	uint64_t next = DATA_GPA;

	for (unsigned int i = 1; i < vm->slot_count; i++) {
		uint64_t end = vm->slot[i].gpa + vm->slot[i].pages * GUEST_PAGE;

		if (end > next)
			next = (end + DATA_ALIGN - 1) / DATA_ALIGN * DATA_ALIGN;
	}
	return next;
}

size_t vm_room(const struct vm *vm)
{
	uint64_t next = next_gpa(vm);

	return next < DATA_END ? (DATA_END - next) / GUEST_PAGE : 0;
}

struct memslot *vm_add_memslot(struct vm *vm, void *hva, size_t pages)
{
	require(pages <= vm_room(vm), "a memslot of %zu pages does not fit", pages);
	return vm_add_memslot_at(vm, 0, next_gpa(vm), hva, pages);
}

void *slot_page(const struct memslot *slot, size_t page)
{
	return slot->hva + page * GUEST_PAGE;
}

static void add_vcpu(struct vm *vm)
{
	struct vcpu *vcpu = &vm->vcpu[vm->vcpu_count];
	int size;

	vcpu->vm = vm;
	vcpu->index = vm->vcpu_count++;
	vcpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, vcpu->index);
	require(vcpu->fd >= 0, "KVM_CREATE_VCPU: %s", strerror(errno));
	size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	require(size > 0, "KVM_GET_VCPU_MMAP_SIZE: %s", strerror(errno));
	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	require(vcpu->run != MAP_FAILED, "mmap of a vCPU: %s", strerror(errno));
	vcpu->mailbox = arch_mailbox(vm->system, vcpu->index);
	stats_open(&vcpu->stats, vcpu->fd);
	arch_vcpu_init(vcpu);
}

/* Maps code, stack and mailbox of the vCPU, so that later steps count their own faults only. */
static void first_run(struct vcpu *vcpu)
{
	vcpu->mailbox->op = GUEST_NOP;
	vcpu->mailbox->count = 0;
	arch_vcpu_command(vcpu);
	require(!vcpu_run(vcpu), "the test guest does not start");
}

static void create(struct vm *vm, unsigned int vcpus, bool irqchip, size_t ring)
{
	unsigned int i;

	memset(vm, 0, sizeof(*vm));
	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	require(vm->kvm_fd >= 0, "/dev/kvm: %s", strerror(errno));
	vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
	require(vm->fd >= 0, "KVM_CREATE_VM: %s", strerror(errno));
	vm->stats_error = stats_open(&vm->stats, vm->fd);
	if (ring)
		dirty_ring_enable(vm, ring);
	arch_vm_init(vm);
	if (irqchip)
		require(!ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP: %s",
			strerror(errno));
	vm->system = memory_alloc(arch_system_size() / GUEST_PAGE);
	arch_system_fill(vm->system);
	/* No reclaim may take it: its sptes would count among those of the data. */
	require(!mlock(vm->system, arch_system_size()), "mlock of the test guest: %s",
		strerror(errno));
	/* Nor may a fork write-protect it, for the same reason. */
	require(!madvise(vm->system, arch_system_size(), MADV_DONTFORK), "MADV_DONTFORK: %s",
		strerror(errno));
	vm_add_memslot_at(vm, 0, 0, vm->system, arch_system_size() / GUEST_PAGE);
	for (i = 0; i < vcpus; i++)
		add_vcpu(vm);
	for (i = 0; i < vcpus; i++)
		first_run(&vm->vcpu[i]);
}

void vm_create(struct vm *vm, unsigned int vcpus)
{
	create(vm, vcpus, false, 0);
}

void vm_create_with_irqchip(struct vm *vm, unsigned int vcpus)
{
	create(vm, vcpus, true, 0);
}

void vm_create_with_ring(struct vm *vm, unsigned int vcpus, size_t entries)
{
	create(vm, vcpus, false, entries);
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	mappings_end_vm(vm);
	for (i = 0; i < vm->vcpu_count; i++) {
		stats_close(&vm->vcpu[i].stats);
		munmap(vm->vcpu[i].run, ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0));
		close(vm->vcpu[i].fd);
	}
	stats_close(&vm->stats);
	close(vm->fd);
	close(vm->kvm_fd);
	memory_free(vm->system, arch_system_size() / GUEST_PAGE);
}

bool vm_stat(const struct vm *vm, const char *name, uint64_t *value)
{
	return stats_get(&vm->stats, name, value);
}

bool vm_vcpu_stat(const struct vm *vm, const char *name, uint64_t *value)
{
	uint64_t one, sum = 0;
	unsigned int i;

	for (i = 0; i < vm->vcpu_count; i++) {
		if (!stats_get(&vm->vcpu[i].stats, name, &one))
			return false;
		sum += one;
	}
	*value = sum;
	return true;
}

/*
 * The next KVM_RUN ends the access that left as MMIO, and would take the registers of the next
 * command for those of the access: it is ended here, without entering the guest.
 */
static void end_mmio(struct vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	require(ioctl(vcpu->fd, KVM_RUN, NULL) && errno == EINTR, "KVM_RUN after MMIO: %s",
		strerror(errno));
	vcpu->run->immediate_exit = 0;
}

static bool goes_on(struct vcpu *vcpu, int err)
{
	if (err)
		return err == EINTR || err == EAGAIN;
	if (vcpu->run->exit_reason != KVM_EXIT_DIRTY_RING_FULL || !vcpu->ring_full)
		return false;
	vcpu->ring_full(vcpu);
	return true;
}

int vcpu_run(struct vcpu *vcpu)
{
	char where[128];
	int err;

	mappings_note_run(vcpu->vm);
	do {
		err = ioctl(vcpu->fd, KVM_RUN, NULL) ? errno : 0;
	} while (goes_on(vcpu, err));
	if (err == EFAULT || err == ENOMEM)
		return -err;
	if (!err && arch_exit_is_done(vcpu->run))
		return arch_vcpu_result(vcpu);
	if (!err && vcpu->run->exit_reason == KVM_EXIT_MMIO) {
		end_mmio(vcpu);
		return -EREMOTE;
	}
	arch_vcpu_describe(vcpu, where, sizeof(where));
	if (err)
		fail("KVM_RUN: %s (%s)", strerror(err), where);
	fail("the guest stopped with exit reason %u (%s)", vcpu->run->exit_reason, where);
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;

	vcpu->result = vcpu_run(vcpu);
	__atomic_store_n(&vcpu->ended, true, __ATOMIC_RELEASE);
	return NULL;
}

void vcpu_start(struct vcpu *vcpu)
{
	int err;

	vcpu->ended = false;
	err = pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu);

	require(!err, "no thread for a vCPU: %s", strerror(err));
}

int vcpu_join(struct vcpu *vcpu)
{
	int err = pthread_join(vcpu->thread, NULL);

	require(!err, "join of a vCPU's thread: %s", strerror(err));
	return vcpu->result;
}
