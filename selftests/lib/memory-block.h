/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Blocks of the machine's memory that can be taken offline, under /sys/devices/system/memory. Failures end
 * the case.
 */
#ifndef SPTEST_LIB_MEMORY_BLOCK_H
#define SPTEST_LIB_MEMORY_BLOCK_H

#include <stdint.h>

#define MEMORY_BLOCKS "/sys/devices/system/memory/"

/* The block in which a page frame is. */
unsigned long memory_block_of(uint64_t pfn);

/*
 * Takes it away: what is in it moves elsewhere. It comes back by memory_block_online(), at the latest at
 * the end of the case, as movable memory. Skips the case if the block holds what cannot be moved.
 */
void memory_block_offline(unsigned long block);
void memory_block_online(unsigned long block);

#endif
