// SPDX-License-Identifier: GPL-2.0-only
#include "mmu.h"

#include <stddef.h>
#include <string.h>

/* Every vendor module takes its own; a parameter of a module that is not there does no harm. */
static const struct {
	const char *mmu, *parameters;
} table[] = {
	{ "tdp", "kvm.tdp_mmu=1 kvm_amd.npt=1 kvm_intel.ept=1" },
	{ "direct", "kvm.tdp_mmu=0 kvm_amd.npt=1 kvm_intel.ept=1" },
	{ "shadow", "kvm.tdp_mmu=0 kvm_amd.npt=0 kvm_intel.ept=0" },
};

const char *mmu_parameters(const char *mmu)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].mmu, mmu))
			return table[i].parameters;
	return NULL;
}
