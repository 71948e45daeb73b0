/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual machine control block of SVM, as far as a nested test guest needs it (AMD64
 * Architecture Programmer's Manual, volume 2, appendix B; the kernel exports exit codes only).
 */
#ifndef SPTEST_LIB_X86_VMCB_H
#define SPTEST_LIB_X86_VMCB_H

#include <stddef.h>
#include <stdint.h>

#define VMCB_MISC2_VMRUN (1U << 0)
#define VMCB_MISC2_VMMCALL (1U << 1)
#define VMCB_NESTED_PAGING (1UL << 0)
#define VMCB_FLUSH_ALL 1		/* of tlb_control */

struct vmcb_segment {
	uint16_t selector, attributes;
	uint32_t limit;
	uint64_t base;
};

struct vmcb {
	uint32_t intercept_cr, intercept_dr, intercept_exceptions;
	uint32_t intercept_misc1, intercept_misc2;
	uint8_t reserved_014[0x58 - 0x14];
	uint32_t asid;
	uint8_t tlb_control;
	uint8_t reserved_05d[0x70 - 0x5d];
	uint64_t exit_code, exit_info1, exit_info2;
	uint8_t reserved_088[0x90 - 0x88];
	uint64_t nested_control;
	uint8_t reserved_098[0xb0 - 0x98];
	uint64_t nested_cr3;
	uint8_t reserved_0b8[0x400 - 0xb8];

	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved_4a0[0x4d0 - 0x4a0];
	uint64_t efer;
	uint8_t reserved_4d8[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t reserved_580[0x5d8 - 0x580];
	uint64_t rsp;
	uint8_t reserved_5e0[0x668 - 0x5e0];
	uint64_t pat;
	uint8_t reserved_670[0x1000 - 0x670];
};

_Static_assert(offsetof(struct vmcb, asid) == 0x58 && offsetof(struct vmcb, nested_cr3) == 0xb0 &&
	       offsetof(struct vmcb, cr4) == 0x548 && offsetof(struct vmcb, rip) == 0x578 &&
	       sizeof(struct vmcb) == 0x1000, "as the CPU has it");

#endif
