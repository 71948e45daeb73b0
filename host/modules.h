/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel modules by name, through modules.dep. */
#ifndef SPTEST_MODULES_H
#define SPTEST_MODULES_H

#include <stddef.h>

struct modules;

/* dir holds modules.dep. NULL with errno set if that cannot be read. */
struct modules *modules_open(const char *dir);
void modules_close(struct modules *modules);

/*
 * visit(name, path) for each of the named modules that there are, what they depend on first, each
 * once. name is as /proc/modules has it (underscores), path is that of the .ko, .ko.xz or .ko.zst.
 */
void modules_visit(struct modules *modules, const char *const names[], size_t count,
		   void (*visit)(void *arg, const char *name, const char *path), void *arg);

#endif
