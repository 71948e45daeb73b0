// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/x86/idt.h"

#define GATE_INTERRUPT 0x8e00UL	/* present, 64-bit interrupt gate */
#define CODE_SELECTOR 8UL
#define GDT_CODE 0x00af9b000000ffffUL
#define GDT_DATA 0x00cf93000000ffffUL

void idt_load(struct vcpu *vcpu, const struct memslot *slot, size_t gdt_offset, size_t idt_offset)
{
	uint64_t *gdt = (void *)(slot->hva + gdt_offset);
	struct kvm_sregs sregs;

	gdt[1] = GDT_CODE;
	gdt[2] = GDT_DATA;
	memset(slot->hva + idt_offset, 0, GUEST_PAGE);
	require(!ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS: %s", strerror(errno));
	sregs.gdt.base = slot->gpa + gdt_offset;
	sregs.gdt.limit = IDT_GDT_SIZE - 1;
	sregs.idt.base = slot->gpa + idt_offset;
	sregs.idt.limit = GUEST_PAGE - 1;
	require(!ioctl(vcpu->fd, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS: %s", strerror(errno));
}

void idt_set_gate(const struct memslot *slot, size_t idt_offset, unsigned int vector, uint64_t address)
{
	uint64_t *gate = (uint64_t *)(slot->hva + idt_offset) + 2 * vector;

	gate[0] = (address & 0xffff) | CODE_SELECTOR << 16 | GATE_INTERRUPT << 32 |
		  (address >> 16 & 0xffff) << 48;
	gate[1] = address >> 32;
}
