// SPDX-License-Identifier: GPL-2.0-only
#include "hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FNV_PRIME 0x100000001b3ULL

uint64_t hash_add(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ p[i]) * FNV_PRIME;
	return hash;
}

uint64_t hash_add_string(uint64_t hash, const char *s)
{
	return hash_add(hash, s, strlen(s) + 1);
}

void hash_format(uint64_t hash, char hex[17])
{
	snprintf(hex, 17, "%016" PRIx64, hash);
}
