/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_CACHE_H
#define SPTEST_CACHE_H

/*
 * Removes all files in the cache's folder `name` but the `keep` newest, and those of the last hour: another sptest may
 * be about to open them.
 */
void cache_prune(const char *name, unsigned int keep);

#endif
