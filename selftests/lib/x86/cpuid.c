// SPDX-License-Identifier: GPL-2.0-only
#include "lib/x86/cpuid.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"

#define CPUID_ENTRIES 256

union cpuid {
	struct kvm_cpuid2 head;
	char room[sizeof(struct kvm_cpuid2) + CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2)];
};

static void get_supported(int kvm, union cpuid *cpuid)
{
	cpuid->head.nent = CPUID_ENTRIES;
	require(!ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid->head), "KVM_GET_SUPPORTED_CPUID: %s",
		strerror(errno));
}

void cpuid_set_supported(int kvm, int vcpu)
{
	static union cpuid cpuid;

	get_supported(kvm, &cpuid);
	require(!ioctl(vcpu, KVM_SET_CPUID2, &cpuid.head), "KVM_SET_CPUID2: %s", strerror(errno));
}

struct kvm_cpuid_entry2 cpuid_supported(int kvm, uint32_t function)
{
	static union cpuid cpuid;

	get_supported(kvm, &cpuid);
	for (uint32_t i = 0; i < cpuid.head.nent; i++)
		if (cpuid.head.entries[i].function == function && !cpuid.head.entries[i].index)
			return cpuid.head.entries[i];
	return (struct kvm_cpuid_entry2){ 0 };
}
