/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a kernel calls some of its own functions, found in its text: no table by version, no debug
 * information. x86: every "call rel32" whose target is exactly the entry of the function, or of one that
 * ends with a jump to it.
 */
#ifndef SPTEST_SPTE_CALL_SITES_H
#define SPTEST_SPTE_CALL_SITES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "spte/mem.h"

#define CALL_FUNCTIONS_MAX 8

struct call_site {
	uint64_t address;	/* where the call returns to */
	unsigned int function;	/* which of those asked for */
	char name[96];		/* symbol+0xoffset of that address, as the kernel's %pS names it */
};

struct call_sites {
	struct call_site *site;
	size_t count;
	char error[160];	/* why it cannot be told */
};

/*
 * Of up to CALL_FUNCTIONS_MAX functions by name; one that this kernel does not have has no callers.
 * Only what is built in can call them: an exported function is an error, as are hidden addresses and
 * unreadable text. -errno, with sites->error.
 */
int call_sites_read(struct call_sites *sites, struct kmem *mem, FILE *kallsyms,
		    const char *const functions[], size_t count);
void call_sites_free(struct call_sites *sites);

enum branch { BRANCH_CALL, BRANCH_JUMP };

/*
 * The scanner alone: the next such branch in text[*at..size), which lies at `address`, to one of
 * `entries` (0 matches nothing). Its index, with *at behind the branch; -1: no more.
 *
 * A byte E8 or E9 with the right four after it may be the inside of another instruction only by chance,
 * as one that refers to a function by its distance has another byte before that distance (modrm 05 to
 * 3d, 0F 8x): for 20 MiB of text and four functions less than 1 in 1000.
 */
int branch_find(const uint8_t *text, size_t size, uint64_t address, enum branch branch,
		const uint64_t entries[], size_t count, size_t *at);

#endif
