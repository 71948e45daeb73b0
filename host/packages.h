/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel packages, through an apt of our own: its configuration, sources, indexes and cache all lie
 * in the cache folder's apt/, so that the machine's apt is read (mirror, proxy) and never written.
 */
#ifndef SPTEST_PACKAGES_H
#define SPTEST_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel-list.h"

struct package {
	const char *suite, *name, *version;
	unsigned long size;	/* of the .deb, bytes */
	const char *depends;	/* the Depends field, may be "" */
};

struct packages {
	struct package *all;
	size_t count;
	char *own_suites;	/* of the machine's apt, for mirror_has_suite() */
	char *text;		/* what the strings point into */
};

/*
 * What the list's suites offer: from what is in the cache if that was made for this list, else (or
 * with refresh) from the network; suites that do not answer are noted, and old indexes
 * taken rather than none. False, with one line in
 * error, when there is nothing at all.
 */
bool packages_open(struct packages *packages, const struct kernel_list *list, bool refresh,
		   char error[400]);
void packages_close(struct packages *packages);

/* The key of a table that was cut for this list, from this mirror: another one is of no use. */
uint64_t packages_table_key(const struct kernel_list *list);

/* NULL: no such package. */
const struct package *packages_get(const struct packages *packages, const char *name,
				   const char *version);

/*
 * Puts NAME_VERSION_ARCH.deb into dir, checked against the signed index. 0, or -errno with a line;
 * -ENOENT: the mirror no longer has it.
 */
int packages_download(const struct package *package, const char *dir, char error[400]);

#endif
