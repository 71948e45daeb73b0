/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for a test guest that takes exceptions or interrupts, in a memslot of the test. Failures end the case. */
#ifndef SPTEST_LIB_X86_IDT_H
#define SPTEST_LIB_X86_IDT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/kvm.h"

#define IDT_GDT_SIZE 24		/* bytes */

/* A GDT at that offset of the memslot's memory, and an IDT, a page, without gates at another. */
void idt_load(struct vcpu *vcpu, const struct memslot *slot, size_t gdt_offset, size_t idt_offset);

/* A gate of that IDT, which shuts interrupts off, to an address of the guest's. */
void idt_set_gate(const struct memslot *slot, size_t idt_offset, unsigned int vector, uint64_t address);

#endif
