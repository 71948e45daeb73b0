// SPDX-License-Identifier: GPL-2.0-only
#include <asm/svm.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest-arch.h"
#include "lib/mailbox.h"
#include "lib/x86/cpuid.h"
#include "lib/x86/layout.h"
#include "lib/x86/svm.h"
#include "lib/x86/vmcb.h"

#define CPUID_FEATURES 0x80000001U
#define CPUID_SVM 0x8000000aU
#define FEATURE_SVM (1U << 2)	/* of ecx */
#define FEATURE_NPT (1U << 0)	/* of edx */

#define MSR_VM_HSAVE_PA 0xc0010117U
#define EFER_SVME 0x1000UL
#define CODE_64 0xa9b		/* segment attributes: execute/read, present, long, page granular */
#define DATA_64 0xc93
#define DR6_RESET 0xffff0ff0UL
#define DR7_RESET 0x400UL
#define PAT_RESET 0x0007040600070406UL
#define RFLAGS_RESET 2
#define NPF_PRESENT 1UL		/* of exit_info1 */
#define NPF_WRITE 2UL

extern const char svm_stub[];
extern const uint32_t svm_stub_size;

/* The hypervisor: rax has the VMCB. All that it knows is on the host's side. */
__asm__(".pushsection .rodata\n"
	"	.balign 4\n"
	"svm_stub_size:\n"
	"	.long 9f - svm_stub\n"
	"svm_stub:\n"
	"	vmrun\n"
	"	stgi\n"
	"	movl $0x5e, %edx\n"
	"1:	outl %eax, %dx\n"
	"	jmp 1b\n"
	"9:\n"
	"	.popsection");

_Static_assert(GUEST_PORT == 0x5e, "as in the stub");

const char *svm_missing(bool paging)
{
	const char *missing = NULL;
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	require(kvm >= 0, "/dev/kvm: %s", strerror(errno));
	if (!(cpuid_supported(kvm, CPUID_FEATURES).ecx & FEATURE_SVM))
		missing = "no SVM for guests: not an AMD CPU, or kvm_amd.nested=0";
	else if (ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_NESTED_STATE) <= 0)
		missing = "no KVM_CAP_NESTED_STATE: nobody can tell whether a vCPU is in its nested guest";
	else if (paging && !(cpuid_supported(kvm, CPUID_SVM).edx & FEATURE_NPT))
		missing = "no nested paging for guests (kvm_amd.npt=0)";
	close(kvm);
	return missing;
}

static uint64_t vmcb_gpa(const struct vcpu *vcpu)
{
	return GUEST_VMCB_GPA + vcpu->index * GUEST_PAGE;
}

static struct vmcb *vmcb_of(const struct vcpu *vcpu)
{
	return (void *)((char *)vcpu->vm->system + vmcb_gpa(vcpu));
}

static void enable_svm(struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} hsave = {
		.head.nmsrs = 1,
		.entry = { .index = MSR_VM_HSAVE_PA, .data = GUEST_HSAVE_GPA + vcpu->index * GUEST_PAGE },
	};

	require(!ioctl(vcpu->fd, KVM_GET_SREGS, sregs), "KVM_GET_SREGS: %s", strerror(errno));
	sregs->efer |= EFER_SVME;
	require(!ioctl(vcpu->fd, KVM_SET_SREGS, sregs), "KVM_SET_SREGS with EFER.SVME: %s",
		strerror(errno));
	require(ioctl(vcpu->fd, KVM_SET_MSRS, &hsave) == 1, "KVM_SET_MSRS of VM_HSAVE_PA failed");
}

static void fill_vmcb(struct vmcb *vmcb, const struct kvm_sregs *sregs, uint64_t nested_cr3)
{
	const struct vmcb_segment data = { .selector = 16, .attributes = DATA_64, .limit = UINT32_MAX };

	*vmcb = (struct vmcb){
		.intercept_misc2 = VMCB_MISC2_VMRUN | VMCB_MISC2_VMMCALL,
		.asid = 1,
		.nested_control = nested_cr3 ? VMCB_NESTED_PAGING : 0,
		.nested_cr3 = nested_cr3,
		.es = data, .ss = data, .ds = data,
		.cs = { .selector = 8, .attributes = CODE_64, .limit = UINT32_MAX },
		.efer = sregs->efer, .cr0 = sregs->cr0, .cr3 = sregs->cr3, .cr4 = sregs->cr4,
		.dr6 = DR6_RESET, .dr7 = DR7_RESET, .pat = PAT_RESET,
	};
}

void svm_begin(struct vcpu *vcpu, uint64_t nested_cr3)
{
	struct kvm_sregs sregs;

	require(svm_stub_size <= GUEST_PAGE, "the hypervisor of the test guest is too large");
	memcpy((char *)vcpu->vm->system + GUEST_SVM_GPA, svm_stub, svm_stub_size);
	enable_svm(vcpu, &sregs);
	fill_vmcb(vmcb_of(vcpu), &sregs, nested_cr3);
	vcpu->nested = true;
	vcpu->mailbox->op = GUEST_NOP;
	vcpu->mailbox->count = 0;
	arch_vcpu_command(vcpu);
	require(!vcpu_run(vcpu), "the nested guest does not start");
}

/* A command that failed with EFAULT left the vCPU in there. */
static bool is_inside(const struct vcpu *vcpu)
{
	static union {
		struct kvm_nested_state head;
		char room[sizeof(struct kvm_nested_state) + KVM_STATE_NESTED_SVM_VMCB_SIZE];
	} state;

	state.head = (struct kvm_nested_state){ .size = sizeof(state) };
	require(!ioctl(vcpu->fd, KVM_GET_NESTED_STATE, &state.head), "KVM_GET_NESTED_STATE: %s",
		strerror(errno));
	return state.head.flags & KVM_STATE_NESTED_GUEST_MODE;
}

static void come_out(struct vcpu *vcpu)
{
	if (!is_inside(vcpu))
		return;
	vcpu->mailbox->op = GUEST_NOP;
	vcpu->mailbox->count = 0;
	arch_vcpu_command(vcpu);
	require(!vcpu_run(vcpu), "the nested guest does not end");
}

void svm_end(struct vcpu *vcpu)
{
	come_out(vcpu);
	vcpu->nested = false;
	vcpu->mailbox->nested = 0;
}

void svm_flush(struct vcpu *vcpu)
{
	come_out(vcpu);
	vmcb_of(vcpu)->tlb_control = VMCB_FLUSH_ALL;
}

/* Starts the nested guest, or lets it go on with the new command if it is there already. */
void svm_command(struct vcpu *vcpu)
{
	struct vmcb *vmcb = vmcb_of(vcpu);
	const bool inside = is_inside(vcpu);
	struct kvm_regs regs = {
		.rip = inside ? GUEST_PAYLOAD_GPA : GUEST_SVM_GPA,
		.rax = vmcb_gpa(vcpu),
		.rdi = GUEST_MAILBOX_GPA + vcpu->index * GUEST_PAGE,
		/* as after a call: 8 below a multiple of 16 */
		.rsp = GUEST_STACK_GPA + (vcpu->index + 1) * GUEST_PAGE - 8,
		.rflags = RFLAGS_RESET,
	};

	vcpu->mailbox->nested = 1;
	vmcb->rip = GUEST_PAYLOAD_GPA;
	vmcb->rsp = regs.rsp;
	vmcb->rflags = regs.rflags;
	vmcb->exit_code = 0;
	require(!ioctl(vcpu->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS: %s", strerror(errno));
}

int svm_result(const struct vcpu *vcpu)
{
	struct vmcb *vmcb = vmcb_of(vcpu);

	vmcb->tlb_control = 0;
	if (vmcb->exit_code == SVM_EXIT_VMMCALL)
		return 0;
	require(vmcb->exit_code == SVM_EXIT_NPF, "the nested guest stopped with exit code %#lx, %#lx, %#lx at %#lx",
		vmcb->exit_code, vmcb->exit_info1, vmcb->exit_info2, vmcb->rip);
	return -ENXIO;
}

struct svm_fault svm_fault(const struct vcpu *vcpu)
{
	const struct vmcb *vmcb = vmcb_of(vcpu);

	return (struct svm_fault){
		.gpa = vmcb->exit_info2,
		.present = vmcb->exit_info1 & NPF_PRESENT,
		.write = vmcb->exit_info1 & NPF_WRITE,
	};
}
