/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_LIB_MODULES_H
#define SPTEST_LIB_MODULES_H

/* Is it in the kernel by now? Loads it with modprobe if not and if there is one; unloaded at the end. */
void module_want(const char *name);

#endif
