/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asynchronous page faults (Documentation/virt/kvm/x86/msr.rst): KVM has a page brought in by a worker
 * while the vCPU does something else, or rests where an interrupt can reach it. A guest program of its
 * own that lets interrupts in, reads one page, and takes what KVM tells it. Failures end the case.
 */
#ifndef SPTEST_LIB_X86_APF_H
#define SPTEST_LIB_X86_APF_H

#include <stddef.h>
#include <stdint.h>

#include "lib/kvm.h"

/* Shared with the guest program, which knows this layout. */
struct apf_page {
	uint64_t wanted;		/* gpa that it reads */
	uint64_t value;			/* what it found there */
	uint64_t not_present;		/* "page not present" events */
	uint64_t ready;			/* "page ready" events */
	uint64_t token_not_present;	/* of the last of each */
	uint64_t token_ready;
	uint64_t flags;			/* of the last "page not present" */
	uint64_t reserved;
	struct {
		uint32_t flags, token;
		uint8_t reserved[56];
	} shared;			/* struct kvm_vcpu_pv_apf_data, aligned to 64 bytes */
};

struct apf {
	struct vcpu *vcpu;
	struct memslot *slot;		/* of the program */
	volatile struct apf_page *page;
};

/* For a vCPU of vm_create_with_irqchip(). */
void apf_prepare(struct apf *apf, struct vcpu *vcpu);

/* The guest wants to be told. Skips where this KVM cannot tell it. */
void apf_enable(struct apf *apf);

/*
 * The next vcpu_run() reads that page. It ends (0) when the page was read, and once before that, in the
 * middle, each time when the guest was told that the page is not present: it could do other work then.
 */
void apf_want(struct apf *apf, const struct memslot *slot, size_t page);

#endif
