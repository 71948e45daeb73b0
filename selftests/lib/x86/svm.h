/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU whose guest is itself an SVM hypervisor: each command of lib/guest.h is done by a nested guest,
 * which VMRUN starts and VMMCALL ends. Nothing else of the test changes. The nested guest runs the
 * same payload under the same page table; its physical addresses are the guest's own, or what nested
 * page tables make of them. Failures end the case.
 */
#ifndef SPTEST_LIB_X86_SVM_H
#define SPTEST_LIB_X86_SVM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/kvm.h"

/* NULL: this KVM lets a guest use SVM, and nested paging if `paging`; else why not. */
const char *svm_missing(bool paging);

/*
 * Every later command of the vCPU runs in a nested guest, under the nested page table at that
 * guest-physical address; 0: without nested paging. What both sides need is mapped after that.
 */
void svm_begin(struct vcpu *vcpu, uint64_t nested_cr3);

/* The vCPU runs commands in the guest itself again. */
void svm_end(struct vcpu *vcpu);

/* The next VMRUN, and only that, flushes the TLB (TLB_CONTROL). */
void svm_flush(struct vcpu *vcpu);

/* Where the nested guest left its nested page table, after a command that came to -ENXIO. */
struct svm_fault {
	uint64_t gpa;		/* nested */
	bool present, write;	/* was there an entry? was it a write? */
};
struct svm_fault svm_fault(const struct vcpu *vcpu);

/* For guest.c: starts the command in the mailbox; what the last one came to, 0 or -ENXIO. */
void svm_command(struct vcpu *vcpu);
int svm_result(const struct vcpu *vcpu);

#endif
