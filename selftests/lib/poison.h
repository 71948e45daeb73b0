/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling the kernel that memory is broken (poison) or about to break (soft offline). Failures end the
 * case. Wants the module hwpoison_inject, by which the pages are given back at the end of the case.
 */
#ifndef SPTEST_LIB_POISON_H
#define SPTEST_LIB_POISON_H

/* There only if the kernel handles broken memory. */
#define POISON_KNOB "/proc/sys/vm/memory_failure_early_kill"

/* The page of that address, by MADV_HWPOISON. This process must be told by a SIGBUS for it. */
void poison_page(void *page);

/* The same by MADV_SOFT_OFFLINE: its content moves elsewhere, nobody is told. */
void poison_soft_offline(void *page);

#endif
