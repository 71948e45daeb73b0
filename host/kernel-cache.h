/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels that were unpacked: path_cache("kernels")/NAME/ holds vmlinuz, config, modules.dep and all
 * else in lib/modules/RELEASE, and kernel.conf. A folder appears by rename: if it is there, it is
 * whole.
 */
#ifndef SPTEST_KERNEL_CACHE_H
#define SPTEST_KERNEL_CACHE_H

#include <stdbool.h>
#include <stddef.h>

struct kernel;

struct cached_kernel {
	char *folder;		/* absolute */
	const char *release, *source;
	const char *package, *version, *suite;	/* of the package; "" for a .deb from disk */
};

/* One folder; false if it is not there. */
bool kernel_cache_get(struct cached_kernel *cached, const char *name);

/* All of them, the caller's to free with kernel_cache_free() each; count is set. */
struct cached_kernel *kernel_cache_all(size_t *count);
void kernel_cache_free(struct cached_kernel *cached);

/* Fills kernel from it. */
void kernel_cache_use(const struct cached_kernel *cached, struct kernel *kernel);

/*
 * Unpacks debs[] as folder `name`; fetch(arg, dir), when not NULL, first puts further packages into
 * dir. origin says where from (folder and release are ignored). Under the cache's lock; does
 * nothing if the folder has appeared meanwhile. 0, or -errno with one line in error.
 */
int kernel_cache_add(const char *name, const struct cached_kernel *origin,
		     const char *const debs[], size_t count,
		     int (*fetch)(void *arg, const char *dir, char error[400]), void *arg,
		     char error[400]);

/* depmod, wherever it is: dir/lib/modules/release/modules.dep is made. 0 or -errno. */
int kernel_depmod(const char *dir, const char *release);

#endif
