// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/x86/breakpoint.h"
#include "lib/x86/idt.h"
#include "lib/x86/layout.h"

/* The memslot: the program, struct breakpoint_page with the GDT behind it, the IDT. */
#define PAGES 3
#define DATA_OFFSET GUEST_PAGE
#define GDT_OFFSET (DATA_OFFSET + 0x800)
#define IDT_OFFSET (2 * GUEST_PAGE)

#define BP_VECTOR 3
#define RFLAGS_FIXED 2

extern const char breakpoint_program[];
extern const uint32_t breakpoint_program_size, breakpoint_call_offset, breakpoint_handler_offset;

/* rdi is struct breakpoint_page throughout, rsi where the code is. */
__asm__(".pushsection .rodata\n"
	"	.globl breakpoint_code, breakpoint_code_size\n"
	"	.balign 4\n"
	"breakpoint_code_size:\n"
	"	.long 9f - breakpoint_code\n"
	"breakpoint_program_size:\n"
	"	.long 8f - breakpoint_program\n"
	"breakpoint_call_offset:\n"
	"	.long breakpoint_call - breakpoint_program\n"
	"breakpoint_handler_offset:\n"
	"	.long breakpoint_handler - breakpoint_program\n"
	"breakpoint_code:\n"
	"1:	nop\n"
	"	incq (%rdi)\n"
	"	mov (%rdi), %rax\n"
	"	cmp 8(%rdi), %rax\n"
	"	jb 1b\n"
	"	ret\n"
	"9:\n"
	"breakpoint_program:\n"
	"	int3\n"
	"	jmp 2f\n"
	"breakpoint_call:\n"
	"	call *%rsi\n"
	"2:	mov $0x5e, %dx\n"
	"3:	outl %eax, %dx\n"
	"	jmp 3b\n"
	"breakpoint_handler:\n"
	"	push %rax\n"
	"	mov 8(%rsp), %rax\n"
	"	mov %rax, 24(%rdi)\n"
	"	mov (%rdi), %rax\n"
	"	cmpq $0, 16(%rdi)\n"
	"	jne 4f\n"
	"	mov %rax, 32(%rdi)\n"
	"4:	mov %rax, 40(%rdi)\n"
	"	incq 16(%rdi)\n"
	"	pop %rax\n"
	"	iretq\n"
	"8:\n"
	"	.popsection");

_Static_assert(offsetof(struct breakpoint_page, limit) == 8 && offsetof(struct breakpoint_page, hits) == 16 &&
	       offsetof(struct breakpoint_page, address) == 24 && offsetof(struct breakpoint_page, first) == 32 &&
	       offsetof(struct breakpoint_page, last) == 40 && GUEST_PORT == 0x5e, "as in the program");

static void begin(struct breakpoint *b, uint64_t offset, uint64_t code)
{
	struct kvm_regs regs = {
		.rip = b->slot->gpa + offset,
		.rdi = b->slot->gpa + DATA_OFFSET,
		.rsi = code,
		.rsp = GUEST_STACK_GPA + (b->vcpu->index + 1) * GUEST_PAGE - 8,
		.rflags = RFLAGS_FIXED,
	};

	require(!ioctl(b->vcpu->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS: %s", strerror(errno));
}

void breakpoint_prepare(struct breakpoint *b, struct vcpu *vcpu)
{
	char *memory = memory_alloc(PAGES);

	memset(memory, 0, PAGES * GUEST_PAGE);
	memcpy(memory, breakpoint_program, breakpoint_program_size);
	*b = (struct breakpoint){
		.vcpu = vcpu, .slot = vm_add_memslot(vcpu->vm, memory, PAGES),
		.page = (void *)(memory + DATA_OFFSET),
	};
	idt_load(vcpu, b->slot, GDT_OFFSET, IDT_OFFSET);
	idt_set_gate(b->slot, IDT_OFFSET, BP_VECTOR, b->slot->gpa + breakpoint_handler_offset);
	begin(b, 0, 0);
	require(!vcpu_run(vcpu) && b->page->hits == 1 && b->page->address == b->slot->gpa + 1,
		"the guest takes no #BP of its own: %lu, behind %#lx", b->page->hits, b->page->address);
}

void breakpoint_command(struct breakpoint *b, uint64_t gpa, uint64_t rounds)
{
	*b->page = (struct breakpoint_page){ .limit = rounds };
	begin(b, breakpoint_call_offset, gpa);
}
