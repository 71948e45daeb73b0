// SPDX-License-Identifier: GPL-2.0-only
#include "spte/primary.h"

#include <errno.h>
#include <string.h>

#include "spte/reader.h"

#define PRESENT (1ULL << 0)
#define WRITABLE (1ULL << 1)
#define LARGE (1ULL << 7)

int primary_open(struct primary *primary, struct spte_reader *reader, uint64_t mm)
{
	int err = reader_field(reader, mm, reader->layout.mm.pgd, &primary->pgd);

	if (err)
		return reader_fail(reader, err, "the owner's page table cannot be found: %s",
				   strerror(-err));
	primary->reader = reader;
	primary->levels = reader->pgd_shift == 48 ? 5 : 4;
	primary_forget(primary);
	return 0;
}

void primary_forget(struct primary *primary)
{
	memset(primary->address, 0, sizeof(primary->address));
}

static int load(struct primary *primary, unsigned int level, uint64_t address)
{
	int err;

	if (primary->address[level] == address)
		return 0;
	primary->address[level] = 0;
	err = kmem_read(&primary->reader->mem, address, primary->entries[level], 4096);
	if (!err)
		primary->address[level] = address;
	return err;
}

int primary_lookup(struct primary *primary, uint64_t hva, struct primary_pte *pte)
{
	uint64_t table = primary->pgd, mask = primary->reader->physical_mask;
	bool writable = true;

	*pte = (struct primary_pte){ 0 };
	for (unsigned int level = primary->levels; level; level--) {
		unsigned int shift = 12 + 9 * (level - 1);
		int err = load(primary, level, table);

		if (err)
			return err;
		pte->value = primary->entries[level][hva >> shift & 511];
		pte->level = level;
		if (!(pte->value & PRESENT))
			return 0;
		writable &= !!(pte->value & WRITABLE);
		if (level == 1 || (pte->value & LARGE)) {
			/* Bit 12 of a large entry is an attribute, not part of the address. */
			uint64_t base = (pte->value & mask) >> shift << shift;

			pte->present = true;
			pte->writable = writable;
			pte->pfn = (base | (hva & ((1ULL << shift) - 1))) >> 12;
			return 0;
		}
		table = reader_phys_to_virt(primary->reader, pte->value & mask);
	}
	return 0;
}
