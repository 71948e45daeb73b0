/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test guest needs of the architecture; lib/ARCH/ has it. Failures end the case. */
#ifndef SPTEST_LIB_GUEST_ARCH_H
#define SPTEST_LIB_GUEST_ARCH_H

#include <stddef.h>

struct mailbox;
struct vcpu;
struct vm;

/* Size of the system memslot at gpa 0, and its content: page tables, payload. */
size_t arch_system_size(void);
void arch_system_fill(void *system);

/* Before the first vCPU, after the VM was made. */
void arch_vm_init(struct vm *vm);

/* Makes a new vCPU able to run the payload. */
void arch_vcpu_init(struct vcpu *vcpu);

/* The next KVM_RUN starts the command in the mailbox, whatever the vCPU was at before. */
void arch_vcpu_command(struct vcpu *vcpu);

struct mailbox *arch_mailbox(void *system, unsigned int vcpu_index);

/* True if the exit says that the command is done. */
struct kvm_run;
int arch_exit_is_done(const struct kvm_run *run);

/* What a command that is done came to: 0, or -ENXIO if the guest is a hypervisor and took the access. */
int arch_vcpu_result(const struct vcpu *vcpu);

/* One line about a vCPU that ended where it must not, for a diagnostic. */
void arch_vcpu_describe(struct vcpu *vcpu, char *text, size_t size);

#endif
