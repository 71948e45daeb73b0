// SPDX-License-Identifier: GPL-2.0-only
#include <asm/kvm_para.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/x86/apf.h"
#include "lib/x86/cpuid.h"
#include "lib/x86/idt.h"
#include "lib/x86/layout.h"

/* The memslot: the program, struct apf_page with the GDT behind it, the IDT. */
#define PAGES 3
#define DATA_OFFSET GUEST_PAGE
#define GDT_OFFSET (DATA_OFFSET + 0x800)
#define IDT_OFFSET (2 * GUEST_PAGE)

#define PF_VECTOR 14
#define READY_VECTOR 0x40
#define RFLAGS_FIXED 2

#define APIC_SPIV 0xf0		/* spurious interrupt vector register */
#define APIC_ENABLED 0x1ff

extern const char apf_program[];
extern const uint32_t apf_program_size, apf_fault_offset, apf_ready_offset;

/*
 * rdi is struct apf_page throughout. After "not present" the guest leaves for the host once, then waits
 * for "page ready" with interrupts on.
 */
__asm__(".pushsection .rodata\n"
	"	.balign 4\n"
	"apf_program_size:\n"
	"	.long 9f - apf_program\n"
	"apf_fault_offset:\n"
	"	.long apf_fault - apf_program\n"
	"apf_ready_offset:\n"
	"	.long apf_ready - apf_program\n"
	"apf_program:\n"
	"	sti\n"
	"	mov (%rdi), %rsi\n"
	"	mov (%rsi), %rax\n"
	"	mov %rax, 8(%rdi)\n"
	"	mov $0x5e, %dx\n"
	"1:	outl %eax, %dx\n"
	"	jmp 1b\n"
	"apf_fault:\n"
	"	push %rax\n"
	"	push %rbx\n"
	"	push %rdx\n"
	"	mov 24(%rdi), %rbx\n"
	"	mov %cr2, %rax\n"
	"	mov %rax, 32(%rdi)\n"
	"	mov 64(%rdi), %eax\n"
	"	mov %rax, 48(%rdi)\n"
	"	movl $0, 64(%rdi)\n"
	"	incq 16(%rdi)\n"
	"	mov $0x5e, %dx\n"
	"	outl %eax, %dx\n"
	"	sti\n"
	"2:	pause\n"
	"	cmp %rbx, 24(%rdi)\n"
	"	je 2b\n"
	"	cli\n"
	"	pop %rdx\n"
	"	pop %rbx\n"
	"	pop %rax\n"
	"	add $8, %rsp\n"
	"	iretq\n"
	"apf_ready:\n"
	"	push %rax\n"
	"	push %rcx\n"
	"	push %rdx\n"
	"	mov 68(%rdi), %eax\n"
	"	mov %rax, 40(%rdi)\n"
	"	movl $0, 68(%rdi)\n"
	"	incq 24(%rdi)\n"
	"	mov $0xfee000b0, %eax\n"	/* end of interrupt */
	"	movl $0, (%rax)\n"
	"	mov $0x4b564d07, %ecx\n"	/* MSR_KVM_ASYNC_PF_ACK */
	"	mov $1, %eax\n"
	"	xor %edx, %edx\n"
	"	wrmsr\n"
	"	pop %rdx\n"
	"	pop %rcx\n"
	"	pop %rax\n"
	"	iretq\n"
	"9:\n"
	"	.popsection");

_Static_assert(offsetof(struct apf_page, not_present) == 16 && offsetof(struct apf_page, ready) == 24 &&
	       offsetof(struct apf_page, flags) == 48 && offsetof(struct apf_page, shared) == 64 &&
	       GUEST_PORT == 0x5e, "as in the program");

static void set_tables(struct apf *apf)
{
	const struct memslot *slot = apf->slot;

	idt_load(apf->vcpu, slot, GDT_OFFSET, IDT_OFFSET);
	idt_set_gate(slot, IDT_OFFSET, PF_VECTOR, slot->gpa + apf_fault_offset);
	idt_set_gate(slot, IDT_OFFSET, READY_VECTOR, slot->gpa + apf_ready_offset);
}

static void enable_apic(struct vcpu *vcpu)
{
	struct kvm_lapic_state apic;
	uint32_t value = APIC_ENABLED;

	require(!ioctl(vcpu->fd, KVM_GET_LAPIC, &apic), "KVM_GET_LAPIC: %s", strerror(errno));
	memcpy(apic.regs + APIC_SPIV, &value, sizeof(value));
	require(!ioctl(vcpu->fd, KVM_SET_LAPIC, &apic), "KVM_SET_LAPIC: %s", strerror(errno));
}

void apf_prepare(struct apf *apf, struct vcpu *vcpu)
{
	char *memory = memory_alloc(PAGES);

	memset(memory, 0, PAGES * GUEST_PAGE);
	memcpy(memory, apf_program, apf_program_size);
	*apf = (struct apf){
		.vcpu = vcpu, .slot = vm_add_memslot(vcpu->vm, memory, PAGES),
		.page = (void *)(memory + DATA_OFFSET),
	};
	set_tables(apf);
	enable_apic(vcpu);
}

static void set_msr(struct apf *apf, uint32_t index, uint64_t value)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = { .head.nmsrs = 1, .entry = { .index = index, .data = value } };

	require(ioctl(apf->vcpu->fd, KVM_SET_MSRS, &msrs) == 1, "KVM_SET_MSRS of %#x: %s", index,
		strerror(errno));
}

void apf_enable(struct apf *apf)
{
	struct kvm_cpuid_entry2 features = cpuid_supported(apf->vcpu->vm->kvm_fd,
							   KVM_CPUID_FEATURES);

	if (!(features.eax >> KVM_FEATURE_ASYNC_PF_INT & 1))
		skip_case("this KVM does not offer its guests asynchronous page faults by interrupt");
	set_msr(apf, MSR_KVM_ASYNC_PF_INT, READY_VECTOR);
	set_msr(apf, MSR_KVM_ASYNC_PF_EN, (apf->slot->gpa + DATA_OFFSET +
		offsetof(struct apf_page, shared)) | KVM_ASYNC_PF_ENABLED |
		KVM_ASYNC_PF_SEND_ALWAYS | KVM_ASYNC_PF_DELIVERY_AS_INT);
}

void apf_want(struct apf *apf, const struct memslot *slot, size_t page)
{
	struct kvm_regs regs = {
		.rip = apf->slot->gpa,
		.rdi = apf->slot->gpa + DATA_OFFSET,
		.rsp = GUEST_STACK_GPA + (apf->vcpu->index + 1) * GUEST_PAGE - 8,
		.rflags = RFLAGS_FIXED,
	};

	apf->page->wanted = slot->gpa + page * GUEST_PAGE;
	require(!ioctl(apf->vcpu->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS: %s", strerror(errno));
}
