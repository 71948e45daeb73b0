/* SPDX-License-Identifier: GPL-2.0-only */
/* The modules of a kernel build tree, as make modules_install would lay them out, but by links. */
#ifndef SPTEST_MODULE_FARM_H
#define SPTEST_MODULE_FARM_H

/*
 * A folder in the cache with links to the .ko files under tree and a modules.dep; made anew when
 * one of them has changed. NULL: the tree has no modules. Dies (STATUS_HARNESS) if it cannot be
 * made.
 */
char *module_farm(const char *tree, const char *release);

#endif
