// SPDX-License-Identifier: GPL-2.0-only
#include "mmu.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

/* Every vendor module takes its own; a parameter of a module that is not there does no harm. */
static const struct {
	const char *mmu, *parameters;
} table[MMU_MODES] = {
	{ "tdp", "kvm.tdp_mmu=1 kvm_amd.npt=1 kvm_intel.ept=1" },
	{ "direct", "kvm.tdp_mmu=0 kvm_amd.npt=1 kvm_intel.ept=1" },
	{ "shadow", "kvm.tdp_mmu=0 kvm_amd.npt=0 kvm_intel.ept=0" },
};

const char *mmu_parameters(const char *mmu)
{
	for (size_t i = 0; i < MMU_MODES; i++)
		if (!strcmp(table[i].mmu, mmu))
			return table[i].parameters;
	return NULL;
}

size_t mmu_list(const char *text, const char *modes[MMU_MODES])
{
	char *words = xstrdup(text), *rest = words, *word;
	bool named[MMU_MODES] = { false }, bad = false;
	size_t count = 0;

	while ((word = strsep(&rest, ","))) {
		bad = bad || (strcmp(word, "all") && !mmu_parameters(word));
		for (size_t i = 0; i < MMU_MODES; i++)
			named[i] = named[i] || !strcmp(word, "all") || !strcmp(word, table[i].mmu);
	}
	for (size_t i = 0; i < MMU_MODES && !bad; i++)
		if (named[i])
			modes[count++] = table[i].mmu;
	free(words);
	return count;
}
