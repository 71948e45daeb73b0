// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"
#include "lib/guest-arch.h"
#include "lib/kvm.h"
#include "lib/mailbox.h"
#include "lib/x86/cpuid.h"
#include "lib/x86/layout.h"
#include "lib/x86/svm.h"

#define PTE_TABLE 0x27UL	/* present, writable, user, accessed */
#define PTE_LARGE 0xe7UL	/* the same, dirty, 2 MiB */
#define LARGE_PAGE (2UL << 20)

#define CR0_PE 0x1UL
#define CR0_NE 0x20UL
#define CR0_WP 0x10000UL
#define CR0_PG 0x80000000UL
#define CR4_PAE 0x20UL
#define EFER_LME 0x100UL
#define EFER_LMA 0x400UL

#define TSS_GPA 0xfffbd000UL	/* three pages that vmx wants without unrestricted guests */

extern const char guest_payload[];
extern const uint64_t guest_payload_size;

size_t arch_system_size(void)
{
	return GUEST_SYSTEM_SIZE;
}

void arch_system_fill(void *system)
{
	char *base = system;
	uint64_t *pml4 = (void *)(base + GUEST_PML4_GPA);
	uint64_t *pdpt = (void *)(base + GUEST_PDPT_GPA);
	uint64_t *pd = (void *)(base + GUEST_PD_GPA);
	unsigned int i;

	require(guest_payload_size <= GUEST_MAILBOX_GPA - GUEST_PAYLOAD_GPA, "test guest payload too large");
	pml4[0] = GUEST_PDPT_GPA | PTE_TABLE;
	for (i = 0; i < GUEST_PD_COUNT; i++)
		pdpt[i] = (GUEST_PD_GPA + i * GUEST_PAGE) | PTE_TABLE;
	for (i = 0; i < GUEST_PD_COUNT * GUEST_WORDS; i++)
		pd[i] = i * LARGE_PAGE | PTE_LARGE;
	memcpy(base + GUEST_PAYLOAD_GPA, guest_payload, guest_payload_size);
}

void arch_vm_init(struct vm *vm)
{
	/* Only vmx knows it; svm answers 0 or an error, and needs nothing. */
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_GPA) && errno != EINVAL && errno != ENOTTY)
		fail("KVM_SET_TSS_ADDR: %s", strerror(errno));
}

static void set_long_mode(struct kvm_sregs *s)
{
	struct kvm_segment data = {
		.limit = 0xffffffff, .type = 3, .present = 1, .db = 1, .s = 1, .g = 1, .selector = 16,
	};

	s->cs = (struct kvm_segment){
		.limit = 0xffffffff, .type = 11, .present = 1, .l = 1, .s = 1, .g = 1, .selector = 8,
	};
	s->ds = s->es = s->fs = s->gs = s->ss = data;
	s->tr = (struct kvm_segment){ .limit = 0x67, .type = 11, .present = 1, .selector = 24 };
	s->ldt = (struct kvm_segment){ .unusable = 1 };
	/* No IDT: an exception in the payload is a bug, and shows as KVM_EXIT_SHUTDOWN. */
	memset(&s->idt, 0, sizeof(s->idt));
	s->cr3 = GUEST_PML4_GPA;
	s->cr4 = CR4_PAE;
	s->efer = EFER_LME | EFER_LMA;
	s->cr0 = CR0_PE | CR0_NE | CR0_WP | CR0_PG;
}

void arch_vcpu_init(struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	cpuid_set_supported(vcpu->vm->kvm_fd, vcpu->fd);
	require(!ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS: %s", strerror(errno));
	set_long_mode(&sregs);
	require(!ioctl(vcpu->fd, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS: %s", strerror(errno));
}

void arch_vcpu_command(struct vcpu *vcpu)
{
	struct kvm_regs regs = {
		.rip = GUEST_PAYLOAD_GPA,
		.rdi = GUEST_MAILBOX_GPA + vcpu->index * GUEST_PAGE,
		/* as after a call: 8 below a multiple of 16 */
		.rsp = GUEST_STACK_GPA + (vcpu->index + 1) * GUEST_PAGE - 8,
		.rflags = 2,
	};

	if (vcpu->nested) {
		svm_command(vcpu);
		return;
	}
	require(!ioctl(vcpu->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS: %s", strerror(errno));
}

struct mailbox *arch_mailbox(void *system, unsigned int vcpu_index)
{
	return (void *)((char *)system + GUEST_MAILBOX_GPA + vcpu_index * GUEST_PAGE);
}

int arch_exit_is_done(const struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_IO && run->io.port == GUEST_PORT;
}

int arch_vcpu_result(const struct vcpu *vcpu)
{
	return vcpu->nested ? svm_result(vcpu) : 0;
}

void arch_vcpu_describe(struct vcpu *vcpu, char *text, size_t size)
{
	struct kvm_sregs sregs = { 0 };
	struct kvm_regs regs = { 0 };

	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	ioctl(vcpu->fd, KVM_GET_SREGS, &sregs);
	snprintf(text, size, "rip %#llx rdi %#llx cr2 %#llx", regs.rip, regs.rdi, sregs.cr2);
}
