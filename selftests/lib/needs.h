/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test needs: told to people, probed on this machine. */
#ifndef SPTEST_LIB_NEEDS_H
#define SPTEST_LIB_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

struct needs;

/* The i-th need in words ("memory 64 MiB"); false: there are fewer. */
bool needs_text(const struct needs *needs, size_t i, char *text, size_t size);

/* All that is missing, joined by "; "; false: nothing is. */
bool needs_missing(const struct needs *needs, char *why, size_t size);

#endif
