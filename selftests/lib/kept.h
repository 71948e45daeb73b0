/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of what was found out about the running kernel at some cost, for the tests that come next. */
#ifndef SPTEST_LIB_KEPT_H
#define SPTEST_LIB_KEPT_H

#include <stdio.h>

/*
 * For reading, behind its first line; NULL if there is none of this boot, or one that somebody else than root can
 * have written. The caller's to fclose().
 */
FILE *kept_open(const char *path);

/* For writing, to be ended by kept_finish(); NULL: it works without as well. */
FILE *kept_create(const char *path);

/* Puts it in its place at once, so that nobody reads half of it. */
void kept_finish(FILE *f, const char *path);

#endif
