/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel packages of all suites in one small table, apt/kernels.tsv, cut from apt's indexes
 * (tens of megabytes) after each update. A line each: suite, name, version, size, depends; the
 * first line says for which list of kernels it was made, and the suites of the machine's own apt.
 */
#ifndef SPTEST_PACKAGE_INDEX_H
#define SPTEST_PACKAGE_INDEX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct packages;

/* Adds the kernel packages of one index (any compression) of apt's. 0 or -errno. */
int package_index_cut(FILE *table, const char *suite, const char *index);

/* The first line. */
void package_index_begin(FILE *table, uint64_t key, const char *own_suites);

/* False: no table, or one made for something else than key; key 0: any. */
bool package_index_load(struct packages *packages, const char *path, uint64_t key);

#endif
