/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's memory, read only. All that walks tables goes through this one interface, so that
 * the same walk reads a live kernel, a recording, or the RAM of a machine that hangs.
 */
#ifndef SPTEST_SPTE_MEM_H
#define SPTEST_SPTE_MEM_H

#include <stddef.h>
#include <stdint.h>

struct kmem {
	/* All `size` bytes at a kernel virtual address, or -errno. */
	int (*read)(struct kmem *mem, uint64_t address, void *buf, size_t size);
	void (*close)(struct kmem *mem);
	void *source;		/* of these two */
	uint64_t direct_map;	/* where physical address 0 is mapped; 0: not known here */
};

int kmem_read(struct kmem *mem, uint64_t address, void *buf, size_t size);
int kmem_read_u64(struct kmem *mem, uint64_t address, uint64_t *value);
int kmem_read_u32(struct kmem *mem, uint64_t address, uint32_t *value);

/* The running kernel, through /proc/kcore. -errno. */
int kcore_open(struct kmem *mem);

#endif
