/* SPDX-License-Identifier: GPL-2.0-only */
/* What the bits of an spte mean on this kernel and CPU. */
#ifndef SPTEST_SPTE_FORMAT_H
#define SPTEST_SPTE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

struct kmem;
struct symbols;

enum spte_state {
	SPTE_NONE,	/* nothing mapped, or an update under way */
	SPTE_TABLE,	/* points to a table of the next level */
	SPTE_LEAF,
	SPTE_MMIO,	/* no memory there: KVM remembers that the access is MMIO */
};

/* The masks are KVM's own variables, whose values depend on the CPU and on how KVM pages. */
struct spte_format {
	bool ept;
	uint64_t mmu_present;		/* KVM's own present bit; 0: there is but the CPU's */
	uint64_t hw_present;
	uint64_t pfn_mask;
	uint64_t accessed, dirty, nx, x, user;
	uint64_t host_writable, mmu_writable;	/* 0: not told by this kernel */
	uint64_t mmio_value, mmio_mask;
	uint64_t mmio_gfn_high, mmio_gfn_low;	/* where an MMIO spte has its gpa */
};

/* -errno when the masks cannot be read. */
int format_read(struct spte_format *format, struct kmem *mem, const struct symbols *symbols);

enum spte_state spte_state(const struct spte_format *format, uint64_t spte, unsigned int level);

static inline uint64_t spte_pfn(const struct spte_format *format, uint64_t spte)
{
	return (spte & format->pfn_mask) >> 12;
}

/* For a present spte. What the hardware lets the guest do now. */
bool spte_readable(const struct spte_format *format, uint64_t spte);
bool spte_writable(const struct spte_format *format, uint64_t spte);
bool spte_executable(const struct spte_format *format, uint64_t spte);
bool spte_user(const struct spte_format *format, uint64_t spte);

/* KVM may make it writable by itself, without asking the primary page table (fast_page_fault()). */
bool spte_may_become_writable(const struct spte_format *format, uint64_t spte);

/* -1: this format does not tell (EPT without A/D bits). */
int spte_accessed(const struct spte_format *format, uint64_t spte);
int spte_dirty(const struct spte_format *format, uint64_t spte);

/* For an MMIO spte. */
uint64_t spte_mmio_gfn(const struct spte_format *format, uint64_t spte);

/* Was an MMIO spte made under this generation of the memslots? Older ones count for nothing. */
bool spte_mmio_current(const struct spte_format *format, uint64_t spte, uint64_t generation);

/* "rwxu AD hm" as far as set, - where not. */
void spte_flags_text(const struct spte_format *format, uint64_t spte, char text[16]);

#endif
