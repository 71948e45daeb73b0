/* SPDX-License-Identifier: GPL-2.0-only */
/* What KVM lets a guest's CPU be. Failures end the case. */
#ifndef SPTEST_LIB_X86_CPUID_H
#define SPTEST_LIB_X86_CPUID_H

#include <linux/kvm.h>
#include <stdint.h>

/* All of it is given to each vCPU; `kvm` and `vcpu` are file descriptors. */
void cpuid_set_supported(int kvm, int vcpu);

/* One leaf of that, of its first sub-leaf; all zero: there is none. */
struct kvm_cpuid_entry2 cpuid_supported(int kvm, uint32_t function);

#endif
