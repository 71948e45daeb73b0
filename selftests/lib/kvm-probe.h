/* SPDX-License-Identifier: GPL-2.0-only */
/* Is this KVM one that the tests can judge? Found by running a guest in it. */
#ifndef SPTEST_LIB_KVM_PROBE_H
#define SPTEST_LIB_KVM_PROBE_H

#include <stdbool.h>
#include <stddef.h>

/* Once, in a process of its own. NULL: fit; else why not, one line. */
const char *kvm_probe(void);

/* Before KVM's modules are taken out again. */
void kvm_probe_release(void);

/*
 * Does a fault map present neighbours too? The TDP MMU does not; the older direct MMU and shadow
 * paging fill an 8-page window (direct_pte_prefetch() in arch/x86/kvm/mmu/mmu.c).
 */
bool kvm_probe_prefetch(void);

/* Does KVM shadow the page tables of guests, for want of EPT or NPT? By its module's parameter. */
bool kvm_shadows(void);

/* Does it map ordinary guests without rmaps? By its modules' parameters. */
bool kvm_uses_tdp_mmu(void);

#endif
