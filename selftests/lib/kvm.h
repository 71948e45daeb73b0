/* SPDX-License-Identifier: GPL-2.0-only */
/* VMs, memslots and vCPUs over raw /dev/kvm. Failures end the case, unless a function says else. */
#ifndef SPTEST_LIB_KVM_H
#define SPTEST_LIB_KVM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/stats.h"

#define VM_VCPUS_MAX 8
#define VM_SLOTS_MAX 8

struct kvm_run;
struct mailbox;
struct vm;

struct memslot {
	struct vm *vm;
	unsigned int id;
	unsigned int space;	/* address space: 0, or 1 for SMM */
	uint64_t gpa;
	char *hva;
	size_t pages;		/* of 4 KiB */
	unsigned int tag;	/* of its pattern; the slot number unless a test sets it */
};

struct vcpu {
	struct vm *vm;
	unsigned int index;
	int fd;
	struct kvm_run *run;
	struct mailbox *mailbox;
	struct stats stats;
	bool nested;		/* its guest is a hypervisor, whose guest does the commands (x86/svm.h) */
	/* Its dirty ring is full: called in the thread that runs it, to harvest and reset. NULL: ends the case. */
	void (*ring_full)(struct vcpu *vcpu);
	pthread_t thread;	/* of vcpu_start() */
	int result;		/* of that thread's vcpu_run() */
	bool ended;		/* that thread has left it, `result` is there */
};

struct vm {
	pid_t owner;		/* of a VM that is watched (watch.h), 0: this process made it */
	int kvm_fd, fd;
	void *system;		/* the system memslot's memory */
	struct stats stats;
	int stats_error;	/* -errno why there are none */
	unsigned int vcpu_count, slot_count;
	struct vcpu vcpu[VM_VCPUS_MAX];
	struct memslot slot[VM_SLOTS_MAX];
};

void vm_create(struct vm *vm, unsigned int vcpus);
/* The same with interrupt controllers in the kernel, for guests that take interrupts. */
void vm_create_with_irqchip(struct vm *vm, unsigned int vcpus);
/* The same with a dirty ring of so many entries for each vCPU (dirty-ring.h). */
void vm_create_with_ring(struct vm *vm, unsigned int vcpus, size_t entries);
void vm_destroy(struct vm *vm);		/* the memory of data memslots stays the caller's */

/* The host address of one of its pages. */
void *slot_page(const struct memslot *slot, size_t page);

/*
 * A data memslot over memory of the caller, at the next free gpa (from 256 MiB, 16 MiB aligned).
 * vm_room() says how many pages fit.
 */
struct memslot *vm_add_memslot(struct vm *vm, void *hva, size_t pages);
size_t vm_room(const struct vm *vm);

/* The same, at a place of the caller's choice, in one of the address spaces. */
struct memslot *vm_add_memslot_at(struct vm *vm, unsigned int space, uint64_t gpa, void *hva,
				  size_t pages);

/* KVM_MEM_..., of a memslot that is there. */
void memslot_set_flags(const struct memslot *slot, uint32_t flags);

/* A VM statistic; a vCPU statistic summed up over the vCPUs. False: not counted by this kernel. */
bool vm_stat(const struct vm *vm, const char *name, uint64_t *value);
bool vm_vcpu_stat(const struct vm *vm, const char *name, uint64_t *value);

/*
 * Goes on with the command until it is done (0) or KVM_RUN fails with EFAULT or ENOMEM (-errno: the vCPU
 * stands before the access, and may be run again or be given another command). -EREMOTE: KVM took
 * the access for MMIO, which no test guest does. -ENXIO: a nested guest
 * left its nested page table (x86/svm.h). All else ends the case.
 */
int vcpu_run(struct vcpu *vcpu);

/* The same in a thread of its own; its end gives what vcpu_run() returned. */
void vcpu_start(struct vcpu *vcpu);
int vcpu_join(struct vcpu *vcpu);

#endif
