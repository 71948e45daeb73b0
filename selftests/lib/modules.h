/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_LIB_MODULES_H
#define SPTEST_LIB_MODULES_H

/* Loads it with modprobe if it is not in the kernel yet and if there is a modprobe; unloaded at the end. */
void module_want(const char *name);

#endif
