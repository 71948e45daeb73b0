/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system memslot of a test guest. All of the first 4 GiB are mapped 1:1 with 2 MiB guest pages,
 * accessed and dirty from the start, so that a guest access changes no guest page table.
 */
#ifndef SPTEST_LIB_X86_LAYOUT_H
#define SPTEST_LIB_X86_LAYOUT_H

#define GUEST_PML4_GPA 0x1000UL
#define GUEST_PDPT_GPA 0x2000UL
#define GUEST_PD_GPA 0x3000UL		/* four of them */
#define GUEST_PD_COUNT 4
#define GUEST_PAYLOAD_GPA 0x10000UL
#define GUEST_SVM_GPA 0x18000UL		/* what starts a nested guest */
#define GUEST_MAILBOX_GPA 0x20000UL	/* of vCPU 0; then the next vCPU's */
#define GUEST_VMCB_GPA 0x28000UL	/* likewise, for SVM */
#define GUEST_STACK_GPA 0x30000UL	/* likewise */
#define GUEST_HSAVE_GPA 0x38000UL	/* likewise, for SVM */
#define GUEST_SYSTEM_SIZE 0x40000UL

#endif
