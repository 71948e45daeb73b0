/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM's ways to build secondary page tables, as kernel parameters choose between them. */
#ifndef SPTEST_MMU_H
#define SPTEST_MMU_H

#include <stddef.h>

#define MMU_MODES 3

/*
 * Kernel parameters for --mmu: "tdp" (TDP MMU), "direct" (rmap-based direct MMU) or "shadow" (shadow
 * paging). NULL for any other word.
 */
const char *mmu_parameters(const char *mmu);

/*
 * The modes that a text names, each once: words with commas between them, or "all". They are static
 * strings, in the order above. Returns their number, 0 if there is another word in it.
 */
size_t mmu_list(const char *text, const char *modes[MMU_MODES]);

#endif
