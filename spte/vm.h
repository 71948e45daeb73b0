/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMs of the kernel that is read. */
#ifndef SPTEST_SPTE_VM_H
#define SPTEST_SPTE_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct spte_reader;

struct spte_vm {
	uint64_t address;	/* of struct kvm */
	pid_t pid;		/* of the process that made it */
	int fd;			/* which of its files the VM is, as debugfs has it; -1: not told */
	uint64_t mm;		/* address of struct mm_struct, its memory */
};

/* All of them, *vms the caller's to free. -errno with reader->error. */
int spte_vm_list(struct spte_reader *reader, struct spte_vm **vms, size_t *count);

/*
 * The one of a process; fd tells several apart, -1: there must be just one. -ESRCH: there is none,
 * -ENOTUNIQ: there are several.
 */
int spte_vm_find(struct spte_reader *reader, pid_t pid, int fd, struct spte_vm *vm);

/* Whether it is still there: what was read of a VM that has ended means nothing. */
bool spte_vm_alive(struct spte_reader *reader, const struct spte_vm *vm);

/*
 * KVM's own count of leaf sptes by level (4 KiB, 2 MiB, 1 GiB), from struct kvm. -ENOENT: this
 * kernel does not count them.
 */
int spte_vm_counters(struct spte_reader *reader, const struct spte_vm *vm, uint64_t pages[3]);

#endif
