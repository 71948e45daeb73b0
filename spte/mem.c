// SPDX-License-Identifier: GPL-2.0-only
#include "spte/mem.h"

int kmem_read(struct kmem *mem, uint64_t address, void *buf, size_t size)
{
	return mem->read(mem, address, buf, size);
}

int kmem_read_u64(struct kmem *mem, uint64_t address, uint64_t *value)
{
	return mem->read(mem, address, value, sizeof(*value));
}

int kmem_read_u32(struct kmem *mem, uint64_t address, uint32_t *value)
{
	return mem->read(mem, address, value, sizeof(*value));
}
