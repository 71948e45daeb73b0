// SPDX-License-Identifier: GPL-2.0-only
/*
 * arch/x86/kvm/mmu/spte.h: the low bits are those of the CPU (NPT and ordinary paging: present,
 * writable, user; EPT: read, write, execute); which bits say accessed, dirty, no-execute and so on
 * stands in variables.
 */
#include <errno.h>
#include <string.h>

#include "spte/format.h"
#include "spte/mem.h"
#include "spte/symbols.h"

#define BIT(n) (1ULL << (n))
#define BITS(high, low) ((BIT((high) + 1) - 1) & ~(BIT(low) - 1))
#define WRITABLE BIT(1)
#define LARGE BIT(7)
#define MMU_PRESENT BIT(11)
#define EPT_RWX 7ULL
#define AD_TYPE BITS(53, 52)	/* SPTE_TDP_AD_MASK */
#define AD_DISABLED BIT(52)

static int read_mask(struct kmem *mem, const struct symbols *symbols, enum symbol which,
		     uint64_t *value)
{
	*value = 0;
	if (!symbols->address[which])
		return 0;
	return kmem_read_u64(mem, symbols->address[which], value);
}

/* MMIO sptes split the gpa around the bits that they set against L1TF (get_mmio_spte_gfn()). */
static void finish(struct spte_format *f, const struct symbols *symbols, uint64_t physical,
		   uint64_t me)
{
	bool own_bit = symbols->address[SYM_SHADOW_HOST_WRITABLE];

	f->pfn_mask = BITS(51, 12) & ~me;
	if (physical)
		f->pfn_mask &= physical;
	/*
	 * KVM tracks presence in a bit of its own since the commit series that also turned the
	 * places of "host writable" and "MMU writable" into variables.
	 */
	f->mmu_present = own_bit ? MMU_PRESENT : 0;
	f->ept = f->x;
	f->hw_present = f->ept ? EPT_RWX : BIT(0);
	if (!symbols->address[SYM_SHADOW_MMIO_MASK])
		f->mmio_mask = f->mmio_value;
}

int format_read(struct spte_format *f, struct kmem *mem, const struct symbols *symbols)
{
	uint64_t physical = 0, me = 0, xs = 0, xu = 0;
	const struct {
		enum symbol which;
		uint64_t *value;
	} masks[] = {
		{ SYM_SHADOW_ACCESSED, &f->accessed },
		{ SYM_SHADOW_DIRTY, &f->dirty },
		{ SYM_SHADOW_NX, &f->nx },
		{ SYM_SHADOW_X, &f->x },
		{ SYM_SHADOW_XS, &xs },
		{ SYM_SHADOW_XU, &xu },
		{ SYM_SHADOW_USER, &f->user },
		{ SYM_SHADOW_HOST_WRITABLE, &f->host_writable },
		{ SYM_SHADOW_MMU_WRITABLE, &f->mmu_writable },
		{ SYM_SHADOW_MMIO_VALUE, &f->mmio_value },
		{ SYM_SHADOW_MMIO_MASK, &f->mmio_mask },
		{ SYM_SHADOW_RSVD, &f->mmio_gfn_high },
		{ SYM_SHADOW_RSVD_LOWER_GFN, &f->mmio_gfn_low },
		{ SYM_PHYSICAL_MASK, &physical },
		{ SYM_SHADOW_ME, &me },
	};
	int err = 0;

	*f = (struct spte_format){ 0 };
	for (size_t i = 0; !err && i < sizeof(masks) / sizeof(masks[0]); i++)
		err = read_mask(mem, symbols, masks[i].which, masks[i].value);
	if (err)
		return err;
	f->x |= xs | xu;
	finish(f, symbols, physical, me);
	return 0;
}

static bool is_mmio(const struct spte_format *f, uint64_t spte)
{
	return f->mmio_mask && (spte & f->mmio_mask) == f->mmio_value;
}

enum spte_state spte_state(const struct spte_format *f, uint64_t spte, unsigned int level)
{
	bool present = f->mmu_present ? spte & f->mmu_present
				      : (spte & f->hw_present) && !is_mmio(f, spte);

	if (present)
		return level == 1 || (spte & LARGE) ? SPTE_LEAF : SPTE_TABLE;
	return spte && is_mmio(f, spte) ? SPTE_MMIO : SPTE_NONE;
}

bool spte_readable(const struct spte_format *f, uint64_t spte)
{
	return spte & (f->ept ? BIT(0) : f->hw_present);
}

bool spte_writable(const struct spte_format *f, uint64_t spte)
{
	return spte_readable(f, spte) && (spte & WRITABLE);
}

bool spte_executable(const struct spte_format *f, uint64_t spte)
{
	return f->ept ? spte & f->x : (spte & f->hw_present) && !(spte & f->nx);
}

bool spte_user(const struct spte_format *f, uint64_t spte)
{
	return !f->user || (spte & f->user);
}

bool spte_may_become_writable(const struct spte_format *f, uint64_t spte)
{
	uint64_t both = f->host_writable | f->mmu_writable;

	return both && (spte & both) == both;
}

static int ad_bit(const struct spte_format *f, uint64_t spte, uint64_t mask)
{
	if (!mask || (f->ept && (spte & AD_TYPE) == AD_DISABLED))
		return -1;
	return !!(spte & mask);
}

int spte_accessed(const struct spte_format *f, uint64_t spte)
{
	return ad_bit(f, spte, f->accessed);
}

int spte_dirty(const struct spte_format *f, uint64_t spte)
{
	return ad_bit(f, spte, f->dirty);
}

uint64_t spte_mmio_gfn(const struct spte_format *f, uint64_t spte)
{
	return ((spte & f->mmio_gfn_low) | (spte >> 5 & f->mmio_gfn_high)) >> 12;
}

/* Generation bits 0-7 are spte bits 3-10, 8-18 are 52-62, where KVM has its own present bit. */
bool spte_mmio_current(const struct spte_format *f, uint64_t spte, uint64_t generation)
{
	uint64_t made = (spte >> 3 & 0xff) | (spte >> 52 & 0x7ff) << 8;

	return f->mmu_present && made == (generation & BITS(18, 0));
}

void spte_flags_text(const struct spte_format *f, uint64_t spte, char text[16])
{
	int accessed = spte_accessed(f, spte), dirty = spte_dirty(f, spte);

	memcpy(text, "----/--/--", 11);
	if (spte_readable(f, spte))
		text[0] = 'r';
	if (spte_writable(f, spte))
		text[1] = 'w';
	if (spte_executable(f, spte))
		text[2] = 'x';
	if (spte_user(f, spte))
		text[3] = 'u';
	if (accessed)
		text[5] = accessed < 0 ? '?' : 'A';
	if (dirty)
		text[6] = dirty < 0 ? '?' : 'D';
	if (f->host_writable && (spte & f->host_writable))
		text[8] = 'h';
	if (f->mmu_writable && (spte & f->mmu_writable))
		text[9] = 'm';
}
