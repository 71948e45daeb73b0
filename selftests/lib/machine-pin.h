/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of the machine that every test finds the same, until its end. */
#ifndef SPTEST_LIB_MACHINE_PIN_H
#define SPTEST_LIB_MACHINE_PIN_H

/*
 * Off: what would move pages, or change their protection or age, behind the test's back. Huge pages and the
 * multi-generational LRU: as stock kernels start, which tests presume; who wants them otherwise sets them in its
 * case. A setting that this kernel lacks or does not let be written stays as it is.
 */
void pin_machine(void);

#endif
