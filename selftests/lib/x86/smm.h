/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU in system management mode, where it sees the memslots of address space 1. It stays there
 * between accesses, as KVM may drop the root of a space that no vCPU is in. Failures end the case.
 */
#ifndef SPTEST_LIB_X86_SMM_H
#define SPTEST_LIB_X86_SMM_H

#include <stddef.h>
#include <stdint.h>

#include "lib/kvm.h"

#define SMM_SPACE 1
#define SMM_PAGES_MAX 512	/* of one access */

/* NULL: this KVM has an address space for SMM; else why not. */
const char *smm_missing(void);

/* Gives the VM its SMRAM, a memslot of address space 1. Before anybody enters. */
struct memslot *smm_create(struct vm *vm);

/* The handler's own pages are mapped after that. */
void smm_enter(struct vcpu *vcpu, const struct memslot *smram);

/*
 * The first 32-bit word of each page of a memslot of space 1, as the vCPU finds it; value != 0 is
 * written there after that, counting up from page to page. Returns vcpu_run()'s 0 or -EFAULT; after
 * the latter, vcpu_run() tries the access again.
 */
int smm_access(struct vcpu *vcpu, const struct memslot *smram, const struct memslot *slot,
	       size_t first, size_t count, uint32_t value);
const uint32_t *smm_found(const struct memslot *smram);

/* Back to where the SMI came. */
void smm_leave(struct vcpu *vcpu, const struct memslot *smram);

#endif
