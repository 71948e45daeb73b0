// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "spte/call-sites.h"

#define BRANCH_SIZE 5
#define ENDBR_SIZE 4	/* newer kernels let direct calls skip it */

static int entry_at(uint64_t target, const uint64_t entries[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (entries[i] && (target == entries[i] || target == entries[i] + ENDBR_SIZE))
			return (int)i;
	return -1;
}

int branch_find(const uint8_t *text, size_t size, uint64_t address, enum branch branch,
		const uint64_t entries[], size_t count, size_t *at)
{
	static const uint8_t opcodes[] = { [BRANCH_CALL] = 0xe8, [BRANCH_JUMP] = 0xe9 };
	const uint8_t *p = text + *at, *end = text + size;
	int32_t distance;
	int found;

	while (end - p >= BRANCH_SIZE && (p = memchr(p, opcodes[branch], end - p - BRANCH_SIZE + 1))) {
		memcpy(&distance, p + 1, sizeof(distance));
		found = entry_at(address + (p - text) + BRANCH_SIZE + (int64_t)distance, entries, count);
		if (found >= 0) {
			*at = p - text + BRANCH_SIZE;
			return found;
		}
		p++;
	}
	return -1;
}
