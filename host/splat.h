/* SPDX-License-Identifier: GPL-2.0-only */
/* Which lines of a kernel log mean that the kernel is no longer sound. */
#ifndef SPTEST_SPLAT_H
#define SPTEST_SPLAT_H

#include <stdbool.h>

/* Reads share/splats: "panic|splat <tab> extended regex <tab> reason", # starts a comment. Dies on a bad line. */
void splat_load(void);
void splat_load_file(const char *path);

/* NULL if the line is harmless, else the reason from the table. */
const char *splat_match(const char *line);

/* Is this line the kernel's last word (panic)? */
bool splat_is_panic(const char *line);

/* Did a task of the kernel just die of a fault, with all the locks that it held? */
bool splat_is_oops(const char *line);

/*
 * A log slice's first splat as its first five functions, "a < b < c < d < e" (from "RIP: 0010:" and
 * the call trace, without offsets, "?" entries left out), or its first line if it has no trace; the
 * caller's to free; NULL if there is no splat. Same bug, same text.
 */
char *splat_fingerprint(const char *log);

#endif
