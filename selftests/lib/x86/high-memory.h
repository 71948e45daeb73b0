/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest physical addresses beyond the 4 GiB that the test guest maps by itself. */
#ifndef SPTEST_LIB_X86_HIGH_MEMORY_H
#define SPTEST_LIB_X86_HIGH_MEMORY_H

#include <stdint.h>

struct vm;

/*
 * The first address that no memory can have: by the width that CPUID gives the guest, below what
 * AMD reserves at the top. Skips the case where the test guest could not address it 1:1.
 */
uint64_t high_memory_end(const struct vm *vm);

/* Lets the guest reach 2 MiB at that address, which are aligned so; once for a VM. */
void high_memory_map(struct vm *vm, uint64_t gpa);

#endif
