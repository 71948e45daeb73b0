/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints of the kernel's in a file that this process has mapped with the right to execute. */
#ifndef SPTEST_LIB_UPROBE_H
#define SPTEST_LIB_UPROBE_H

#include <stdint.h>

#define UPROBE_TYPE "/sys/bus/event_source/devices/uprobe/type"	/* there if the kernel has uprobes */

/* One byte of an instruction that does nothing, where a breakpoint may be set; and the breakpoint. */
#define UPROBE_NOP 0x90
#define UPROBE_BREAKPOINT 0xcc

/*
 * In this process only, at that offset of the file. Returns what close() removes it again; failures end
 * the case.
 */
int uprobe_set(int file, uint64_t offset);

#endif
