// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/check.h"
#include "lib/kvm.h"
#include "lib/mailbox.h"
#include "lib/x86/high-memory.h"
#include "lib/x86/layout.h"

#define CPUID_ENTRIES 256
#define CPUID_SIZES 0x80000008
#define CPUID_VENDOR_EBX_AMD 0x68747541	/* "Auth" */

/* Of HyperTransport; on newer processors it is at the top, on all others at the end of 1 TiB. */
#define RESERVED_SIZE (12UL << 30)
#define RESERVED_END (1UL << 40)
/* Canonical addresses of four-level paging, of which the upper half is negative. */
#define VIRTUAL_BITS 47

#define PTE_TABLE 0x27UL	/* present, writable, user, accessed */
#define PTE_LARGE 0xe7UL	/* the same, dirty, 2 MiB */

/* Behind the page directories of the first 4 GiB. */
#define PDPT_GPA (GUEST_PD_GPA + GUEST_PD_COUNT * GUEST_PAGE)
#define PD_GPA (PDPT_GPA + GUEST_PAGE)

_Static_assert(PD_GPA + GUEST_PAGE <= GUEST_PAYLOAD_GPA, "no room for two page tables more");

uint64_t high_memory_end(const struct vm *vm)
{
	static union {
		struct kvm_cpuid2 head;
		char room[sizeof(struct kvm_cpuid2) +
			  CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2)];
	} cpuid;
	unsigned int bits = 0;
	bool amd = false;
	uint64_t end;

	cpuid.head.nent = CPUID_ENTRIES;
	require(!ioctl(vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, &cpuid.head),
		"KVM_GET_SUPPORTED_CPUID: %s", strerror(errno));
	for (unsigned int i = 0; i < cpuid.head.nent; i++) {
		const struct kvm_cpuid_entry2 *entry = &cpuid.head.entries[i];

		if (entry->function == CPUID_SIZES)
			bits = entry->eax & 0xff;
		if (!entry->function)
			amd = entry->ebx == CPUID_VENDOR_EBX_AMD;
	}
	require(bits >= 36, "CPUID gives guest physical addresses of %u bits", bits);
	if (bits > VIRTUAL_BITS)
		skip_case("guest physical addresses of %u bits: not to be mapped 1:1", bits);
	end = 1UL << bits;
	return amd && end >= RESERVED_END ? end - RESERVED_SIZE : end;
}

void high_memory_map(struct vm *vm, uint64_t gpa)
{
	char *base = vm->system;
	uint64_t *pml4 = (void *)(base + GUEST_PML4_GPA);
	uint64_t *pdpt = (void *)(base + PDPT_GPA), *pd = (void *)(base + PD_GPA);
	unsigned int top = gpa >> 39 & 511;

	if (top)
		pml4[top] = PDPT_GPA | PTE_TABLE;
	else
		pdpt = (void *)(base + GUEST_PDPT_GPA);
	pdpt[gpa >> 30 & 511] = PD_GPA | PTE_TABLE;
	pd[gpa >> 21 & 511] = gpa | PTE_LARGE;
}
