/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that executes a page of a memslot over and over, and takes #BP by a handler of its own, which
 * notes it and goes on behind the breakpoint. Failures end the case.
 */
#ifndef SPTEST_LIB_X86_BREAKPOINT_H
#define SPTEST_LIB_X86_BREAKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/kvm.h"

/* Shared by host, guest and the code, which know this layout. */
struct breakpoint_page {
	volatile uint64_t rounds;	/* that the code went through */
	volatile uint64_t limit;	/* it returns when it went through so many */
	volatile uint64_t hits;		/* by #BP */
	volatile uint64_t address;	/* behind the last of them */
	volatile uint64_t first, last;	/* rounds that had been gone through at the first hit, and at the last */
};

struct breakpoint {
	struct vcpu *vcpu;
	struct memslot *slot;		/* of handler and tables */
	struct breakpoint_page *page;
};

/*
 * The code: a function of C's that takes a struct breakpoint_page, for host and guest. Its first instruction, in
 * each round, is a nop of one byte.
 */
extern const char breakpoint_code[];
extern const uint32_t breakpoint_code_size;

/* All that the guest needs for a #BP is mapped then: it had one, of its own. */
void breakpoint_prepare(struct breakpoint *b, struct vcpu *vcpu);

/* The next vcpu_run() executes code at that gpa for so many rounds, from 0 on, with nothing hit yet. */
void breakpoint_command(struct breakpoint *b, uint64_t gpa, uint64_t rounds);

#endif
