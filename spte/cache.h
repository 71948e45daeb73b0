/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbols and layout of the running kernel, kept in /run until it is booted anew or KVM is loaded
 * anew: finding them means reading all of kallsyms and BTF, a second under emulation.
 */
#ifndef SPTEST_SPTE_CACHE_H
#define SPTEST_SPTE_CACHE_H

#include <stdbool.h>

struct layout;
struct symbols;

/* Only a file that root alone can write, of this boot and of the same reader, counts. */
bool cache_load(struct symbols *symbols, struct layout *layout);

/* Without it everything works as well, so that failing is no error. */
void cache_save(const struct symbols *symbols, const struct layout *layout);

#endif
