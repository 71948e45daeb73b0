/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A defect of the kernel that is on while the test runs, to see whether it notices. SPTEST_MUTANT names it, on a
 * kernel with the switches (debugfs: mutants, mmu_notifier_sites):
 *
 *   NAME                     a line of mutants
 *   site:FUNCTION@FILE:LINE:MODE
 *                            the call of a notifier hook there
 *   count                    none: which of them the test reaches is said at its end
 */
#ifndef SPTEST_LIB_MUTANT_H
#define SPTEST_LIB_MUTANT_H

#include <stdbool.h>

/* Switches it on, until the keeper stops. False, with "Bail out!": it cannot be. */
bool mutant_begin(void);

/* How often its place was reached. */
void mutant_report(void);

#endif
