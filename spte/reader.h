/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of the kernel that is read: its memory, its layout, its spte format. */
#ifndef SPTEST_SPTE_READER_H
#define SPTEST_SPTE_READER_H

#include "spte/format.h"
#include "spte/layout.h"
#include "spte/mem.h"
#include "spte/symbols.h"

#define SPTE_ERROR_SIZE 256

struct spte_reader {
	struct kmem mem;
	struct layout layout;
	struct symbols symbols;
	struct spte_format format;
	uint64_t direct_map;		/* where physical address 0 is mapped */
	uint64_t physical_mask;		/* address bits of a pte */
	unsigned int pgd_shift;		/* 39 or 48: four or five levels of page tables */
	char error[SPTE_ERROR_SIZE];	/* of the last call that failed: one line */
};

/*
 * The running kernel. Needs root, no lockdown of confidentiality, BTF, and KVM loaded. -errno with
 * reader->error; spte_reader_close() only after success.
 */
int spte_reader_open(struct spte_reader *reader);
void spte_reader_close(struct spte_reader *reader);

/* Sets reader->error and returns err. */
int reader_fail(struct spte_reader *reader, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One structure's member at `address` of that structure; 1, 2, 4 or 8 bytes. */
int reader_field(struct spte_reader *reader, uint64_t address, struct field field, uint64_t *value);

static inline uint64_t reader_phys_to_virt(const struct spte_reader *reader, uint64_t physical)
{
	return reader->direct_map + physical;
}

#endif
