/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What host and test guest say to each other, in a page that both map; one for each vCPU. The only
 * description of it: the payload that runs in the guest includes this file.
 */
#ifndef SPTEST_LIB_MAILBOX_H
#define SPTEST_LIB_MAILBOX_H

#include <stdint.h>

#define GUEST_PAGE 4096UL
#define GUEST_WORDS (GUEST_PAGE / 8)
#define GUEST_PORT 0x5e		/* written when a command is done */
#define GUEST_EPOCH_AWAY UINT64_MAX

enum guest_op {
	GUEST_NOP,	/* done at once; maps code, stack and mailbox */
	GUEST_FILL,	/* write the pattern of each page, all of its words */
	GUEST_CHECK,	/* compare each page with its pattern */
	GUEST_READ,	/* read the first word of each page; the last one is in `value` */
	GUEST_WRITE,	/* write `value` to the first word of each page */
	GUEST_FORGET,	/* drop what the TLB has of each page: the guest changed its page table */
	GUEST_SPIN,	/* read the pages until `stop`, without exits; see below */
	GUEST_SPIN_WRITE,	/* write `value` + rounds to the pages until `stop`, without exits */
};

struct mailbox {
	/* command */
	uint32_t op;
	uint32_t stop;
	uint64_t gpa;		/* of page 0 of the range */
	uint64_t first, count;	/* pages */
	uint64_t key;		/* of the pattern, see pattern_word() */
	uint64_t value;
	uint64_t delay;		/* of GUEST_SPIN_WRITE: idle iterations after each page */
	uint64_t masked;	/* only pages whose bit is set in `mask` */
	uint64_t nested;	/* the guest's own hypervisor hears when it is done, and says so on the port */
	/*
	 * GUEST_SPIN: a page's first word is an epoch, which never may be older than this one.
	 * GUEST_EPOCH_AWAY: no page is looked at; what the TLB has of them stays there.
	 */
	volatile uint64_t epoch;

	/* result */
	volatile uint64_t rounds;	/* of GUEST_SPIN */
	volatile uint64_t bad;		/* pages that were not as expected */
	uint64_t bad_page, bad_word, bad_value;	/* the first of them */

	uint64_t mask[384];
};

#define GUEST_MASK_PAGES (384 * 64)

_Static_assert(sizeof(struct mailbox) <= GUEST_PAGE, "a mailbox is one page");

static inline uint64_t pattern_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9UL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebUL;
	return x ^ (x >> 31);
}

/* Word `word` of page `page`; key is of seed, memslot and version. Never 0: that is a fresh page. */
static inline uint64_t pattern_word(uint64_t key, uint64_t page, uint64_t word)
{
	return pattern_mix(key + page * GUEST_WORDS + word) | 1;
}

#endif
