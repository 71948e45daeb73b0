// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest-arch.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/x86/smm.h"

#define SMRAM_GPA 0x30000UL	/* SMBASE after reset */
#define SMRAM_PAGES 16
#define HANDLER_OFFSET 0x8000UL
#define COMMAND_OFFSET 0x9000UL
#define LEAVE UINT32_MAX

/* The handler below knows its layout. */
struct command {
	uint32_t gpa, count, value, reserved;
	uint32_t found[SMM_PAGES_MAX];
};

_Static_assert(sizeof(struct command) <= GUEST_PAGE, "a command is one page");

extern const char smm_handler[];
extern const uint32_t smm_handler_size;

/* SMM begins in 16-bit code with flat segments of 4 GiB. */
__asm__(".pushsection .rodata\n"
	"	.balign 4\n"
	"smm_handler_size:\n"
	"	.long 9f - smm_handler\n"
	"smm_handler:\n"
	"	.code16\n"
	"1:	movl $0x39000, %ebx\n"
	"	movl (%ebx), %esi\n"
	"	movl 4(%ebx), %ecx\n"
	"	movl 8(%ebx), %ebp\n"
	"	leal 16(%ebx), %edi\n"
	"	cmpl $-1, %ecx\n"
	"	je 4f\n"
	"	jecxz 3f\n"
	"2:	movl (%esi), %eax\n"
	"	movl %eax, (%edi)\n"
	"	testl %ebp, %ebp\n"
	"	jz 5f\n"
	"	movl %ebp, (%esi)\n"
	"	incl %ebp\n"
	"5:	addl $4, %edi\n"
	"	addl $0x1000, %esi\n"
	"	decl %ecx\n"
	"	jnz 2b\n"
	"3:	movw $0x5e, %dx\n"
	"	outl %eax, %dx\n"
	"	jmp 1b\n"
	"4:	rsm\n"
	"	.code64\n"
	"9:\n"
	"	.popsection");

_Static_assert(SMRAM_GPA + COMMAND_OFFSET == 0x39000 && GUEST_PORT == 0x5e, "as in the handler");

const char *smm_missing(void)
{
	const char *missing = NULL;
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	if (ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_X86_SMM) <= 0)
		missing = "no KVM_CAP_X86_SMM: this KVM has no system management mode";
	else if (ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_MULTI_ADDRESS_SPACE) < 2)
		missing = "no KVM_CAP_MULTI_ADDRESS_SPACE: this KVM has one address space only";
	close(kvm);
	return missing;
}

static struct command *command_of(const struct memslot *smram)
{
	return (void *)(smram->hva + COMMAND_OFFSET);
}

struct memslot *smm_create(struct vm *vm)
{
	char *memory = memory_alloc(SMRAM_PAGES);

	memset(memory, 0, SMRAM_PAGES * GUEST_PAGE);
	memcpy(memory + HANDLER_OFFSET, smm_handler, smm_handler_size);
	return vm_add_memslot_at(vm, SMM_SPACE, SMRAM_GPA, memory, SMRAM_PAGES);
}

void smm_enter(struct vcpu *vcpu, const struct memslot *smram)
{
	*command_of(smram) = (struct command){ 0 };
	vcpu->mailbox->op = GUEST_NOP;
	vcpu->mailbox->count = 0;
	arch_vcpu_command(vcpu);
	require(!ioctl(vcpu->fd, KVM_SMI), "KVM_SMI: %s", strerror(errno));
	require(!vcpu_run(vcpu), "the SMM handler does not start");
}

int smm_access(struct vcpu *vcpu, const struct memslot *smram, const struct memslot *slot,
	       size_t first, size_t count, uint32_t value)
{
	require(slot->space == SMM_SPACE && count <= SMM_PAGES_MAX, "not for SMM: slot %u, %zu pages",
		slot->id, count);
	*command_of(smram) = (struct command){
		.gpa = slot->gpa + first * GUEST_PAGE, .count = count, .value = value,
	};
	return vcpu_run(vcpu);
}

const uint32_t *smm_found(const struct memslot *smram)
{
	return command_of(smram)->found;
}

void smm_leave(struct vcpu *vcpu, const struct memslot *smram)
{
	command_of(smram)->count = LEAVE;
	require(!vcpu_run(vcpu), "the vCPU does not come back from SMM");
}
