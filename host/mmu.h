/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_MMU_H
#define SPTEST_MMU_H

/*
 * Kernel parameters for --mmu: "tdp" (TDP MMU), "direct" (rmap-based direct MMU) or "shadow" (shadow
 * paging). NULL for any other word.
 */
const char *mmu_parameters(const char *mmu);

#endif
