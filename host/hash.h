/* SPDX-License-Identifier: GPL-2.0-only */
/* A 64-bit content hash (FNV-1a): to recognise the same thing again, no defence against anyone. */
#ifndef SPTEST_HASH_H
#define SPTEST_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 0xcbf29ce484222325ULL

/* Goes on from hash (HASH_START at first), so that parts can be hashed one after another. */
uint64_t hash_add(uint64_t hash, const void *data, size_t size);

/* The string with its NUL, so that "a" "bc" and "ab" "c" differ. */
uint64_t hash_add_string(uint64_t hash, const char *s);

void hash_format(uint64_t hash, char hex[17]);

#endif
